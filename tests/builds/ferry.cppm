// The header as a module.
module;
#include <ferry/channel.hpp>
export module ferry;

export namespace ferry {
using ferry::AddressTooWide;
using ferry::channel;
using ferry::drop;
using ferry::Receiver;
using ferry::RecvError;
using ferry::RecvTimeoutError;
using ferry::Sender;
using ferry::SendError;
using ferry::StandardPlatform;
using ferry::to_string;
using ferry::TryRecvError;
}  // namespace ferry
