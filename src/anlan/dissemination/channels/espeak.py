"""The optional voice: espeak-ng in a process of its own, text on standard input, WAV on standard output.

A process, because the library keeps global state and a fault in it must not end the worker. Mandarin, offline.
"""

from __future__ import annotations

import ctypes
import io
import sys
import wave
from typing import Any

VOICE = b"cmn"
#: Words a minute; slower than the engine's own, for loudspeakers outdoors. Engineering choice.
RATE = 150
_RETRIEVAL = 1
_UTF8 = 1
_RATE_PARAMETER = 1


def main() -> int:
    import espeakng_loader  # type: ignore[import-not-found]  # the optional extra `speech`

    library = ctypes.cdll.LoadLibrary(espeakng_loader.get_library_path())
    library.espeak_Initialize.restype = ctypes.c_int
    rate = library.espeak_Initialize(_RETRIEVAL, 0, str(espeakng_loader.get_data_path()).encode(), 0)
    if rate <= 0 or library.espeak_SetVoiceByName(VOICE) != 0:
        return 3
    library.espeak_SetParameter(_RATE_PARAMETER, RATE, 0)
    heard: list[bytes] = []

    @ctypes.CFUNCTYPE(  # type: ignore[untyped-decorator]
        ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
    )
    def take(samples: Any, count: int, _events: Any) -> int:  # called by C
        if samples and count > 0:
            heard.append(ctypes.string_at(samples, count * 2))
        return 0

    library.espeak_SetSynthCallback(take)
    text = sys.stdin.buffer.read()
    library.espeak_Synth.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int,
        ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p,
    ]  # fmt: skip
    if library.espeak_Synth(text, len(text) + 1, 0, 0, 0, _UTF8, None, None) != 0:
        return 4
    library.espeak_Synchronize()
    sys.stdout.buffer.write(_wav(b"".join(heard), rate))
    return 0


def _wav(samples: bytes, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
