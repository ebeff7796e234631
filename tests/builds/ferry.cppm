// The header as a module.
module;
#include <ferry/channel.hpp>
#include <ferry/sync_channel.hpp>
export module ferry;

export namespace ferry {
using ferry::AddressTooWide;
using ferry::channel;
using ferry::drop;
using ferry::Receiver;
using ferry::RecvError;
using ferry::RecvStopError;
using ferry::RecvTimeoutError;
using ferry::Sender;
using ferry::SendError;
using ferry::SendStopError;
using ferry::SendTimeoutError;
using ferry::StandardPlatform;
using ferry::sync_channel;
using ferry::SyncSender;
using ferry::to_string;
using ferry::TryRecvError;
using ferry::TrySendError;
}  // namespace ferry
