"""Which codec serves, and the names of json."""

import io
import subprocess
import sys

import pytest

import devalue
from devalue import DecodeError, Map


def imported(code, **environment):
    """What a fresh interpreter prints."""
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


PRINT = "import devalue; print(devalue.IMPLEMENTATION, devalue.stringify.__module__)"


def test_the_compiled_codec_is_built_and_serves():
    assert imported(PRINT) == "compiled devalue._stringify", "build it: make build"


def test_the_environment_can_force_the_twin():
    assert imported(PRINT, DEVALUE_PURE="1") == "pure devalue._pure.stringify"


@pytest.mark.parametrize("value", ["", "0"])
def test_any_other_setting_does_not(value):
    assert imported(PRINT, DEVALUE_PURE=value) == imported(PRINT)


def test_the_twin_serves_where_the_compiled_codec_cannot_be_found():
    hide = "import sys; sys.modules['devalue._parse'] = None; sys.modules['devalue._stringify'] = None; "
    assert imported(hide + PRINT) == "pure devalue._pure.stringify"


def test_the_twin_serves_with_a_warning_where_the_compiled_codec_is_broken():
    code = (
        "import importlib, warnings\n"
        "real = importlib.import_module\n"
        "def broken(name, *more):\n"
        "    if name == 'devalue._parse': raise ImportError('undefined symbol', name=name)\n"
        "    return real(name, *more)\n"
        "importlib.import_module = broken\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    import devalue\n"
        "print(devalue.IMPLEMENTATION, [str(one.message) for one in caught])"
    )
    assert imported(code) == "pure ['devalue runs without its compiled codec: undefined symbol']"


def test_the_names_of_json_are_the_same_functions():
    assert devalue.dumps is devalue.stringify
    assert devalue.loads is devalue.parse


def test_dump_and_load_write_and_read_files():
    file = io.StringIO()
    devalue.dump({"a": Map([(1, object)])}, file, default=lambda value: value.__name__)
    assert file.getvalue() == '[{"a":1},["Map",2,3],1,"object"]'
    file.seek(0)
    assert devalue.load(file) == {"a": {1: "object"}}
    assert devalue.load(io.BytesIO(b'[["V",1],"x"]'), revivers={"V": str.upper}) == "X"
    with pytest.raises(DecodeError):
        devalue.load(io.StringIO("["))
