"""Builds the compiled codec; without a C++ compiler the install succeeds and the pure twin serves.

The metadata live in pyproject.toml. Environment:

- ``DEVALUE_REQUIRE_COMPILED=1``: a failed build of the extension fails the install (development, CI, wheels).
- ``DEVALUE_SANITIZE=address,undefined``: build the extension with these sanitizers.
"""

import os
import sys
from glob import glob

from setuptools import Extension, setup


def extensions() -> list[Extension]:
    try:
        from Cython.Build import cythonize
    except ImportError:
        return []
    sanitizers = os.environ.get("DEVALUE_SANITIZE", "")
    flags = (
        ["/std:c++17", "/O2"]
        if sys.platform == "win32"
        else ["-std=c++17", "-O3", "-fno-math-errno", "-fvisibility=hidden"]
    )
    link: list[str] = []
    if sanitizers:
        flags += ["-g", "-fno-omit-frame-pointer", f"-fsanitize={sanitizers}"]
        link += [f"-fsanitize={sanitizers}"]
    modules = cythonize(
        [
            Extension(
                os.path.splitext(source)[0].replace("/", "."),
                [source],
                language="c++",
                include_dirs=["devalue/_native"],
                depends=glob("devalue/_native/*"),
                extra_compile_args=flags,
                extra_link_args=link,
            )
            for source in sorted(glob("devalue/_*.pyx"))
        ],
        language_level=3,
    )
    # cythonize() makes new Extension objects and drops the flag, so it is set on its result.
    for module in modules:
        module.optional = os.environ.get("DEVALUE_REQUIRE_COMPILED") != "1"
    return modules


setup(ext_modules=extensions())
