// Names, by which a verifying platform tells the variables and the steps apart.
#pragma once

namespace ferry {

/// The name of an atomic variable, or of a step of the algorithm (one atomic instruction, or one operation on the
/// parker). The standard platform ignores it; a verifying platform reports it, and can weaken the step that it names.
struct Name {
    const char* text;
    consteval Name(const char* literal) : text(literal) {}
};

}  // namespace ferry
