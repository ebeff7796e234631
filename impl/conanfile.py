"""The Conan recipe: `conan create impl`."""

from pathlib import Path

from conan import ConanFile
from conan.tools.cmake import CMake
from conan.tools.files import copy


class Ferry(ConanFile):
    name = "ferry"
    version = "0.1.0"
    license = "MIT"
    description = "A model-checked channel with the semantics of Rust's std::sync::mpsc"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeToolchain"

    def export_sources(self):
        root = Path(self.recipe_folder).parent
        for pattern in ("LICENSE", "impl/CMakeLists.txt", "impl/include/*", "impl/gdb/*", "impl/package/*.in"):
            copy(self, pattern, root, self.export_sources_folder)

    def build(self):
        CMake(self).configure(build_script_folder="impl")

    def package(self):
        CMake(self).install()

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.set_property("cmake_file_name", "ferry")
        self.cpp_info.set_property("cmake_target_name", "ferry::ferry")
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
