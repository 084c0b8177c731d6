"""Text to speech: a WAV for calls, loudspeakers and download. Silence is never sent as if it were speech.

The voice comes from ANLAN_SPEECH_COMMAND (a program that reads UTF-8 text on standard input and writes a WAV of 16-bit PCM
on standard output), or from the optional extra `speech`. Without both there is no voice engine: channels then send the text
alone and say so. Files lie under their digest in the data folder.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import re
import shlex
import subprocess
import sys
import uuid
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anlan.dissemination.channels import Message

#: Syllables a second of a clear announcement, and the pause after a mark. Assumption, shown as such: measured on no speaker.
SYLLABLES_PER_S = 3.8
PAUSE_S = 0.35
PAUSE_LONG_S = 0.6
#: Engineering choices: the longest text that is spoken, how long an engine may take, and what it may write.
TEXT_MAX = 2_000
ENGINE_S = 60.0
WAV_MAX = 32 * 1024 * 1024
#: A voice whose loudest sample is below this said nothing (of 32767).
SILENT_BELOW = 200

_LONG = re.compile(r"[。！？!?；;\n]")
_SHORT = re.compile(r"[，,、：:（）()【】]")
_LATIN = re.compile(r"[A-Za-z]+")


class NoVoiceEngine(Exception):
    """Nothing on this machine can speak."""


class VoiceFailed(Exception):
    """The engine ended badly, wrote no WAV, or wrote silence. The text is a short code."""


@dataclass(frozen=True, slots=True)
class Engine:
    """`name` is part of the digest: another voice makes another file."""

    name: str
    command: tuple[str, ...]


def estimate_seconds(text: str) -> float:
    """How long the text takes to say once, seconds: an estimate from counts, not a measurement (see SYLLABLES_PER_S)."""
    rest, latin = _LATIN.subn(" ", text)
    syllables = sum(1 for c in rest if "\u4e00" <= c <= "\u9fff" or c.isdigit()) + 2 * latin
    pauses = PAUSE_LONG_S * len(_LONG.findall(text)) + PAUSE_S * len(_SHORT.findall(text))
    return round(syllables / SYLLABLES_PER_S + pauses, 1)


def engine() -> Engine | None:
    """What speaks here, or None."""
    given = os.environ.get("ANLAN_SPEECH_COMMAND", "").strip()
    if given:
        return Engine(given, tuple(shlex.split(given)))
    if importlib.util.find_spec("espeakng_loader") is not None:
        module = "anlan.dissemination.channels.espeak"
        return Engine("espeak-ng cmn 1", (sys.executable, "-m", module))
    return None


def speak(text: str) -> bytes:
    """The WAV of a text, from the cache where it was spoken before. Raises `NoVoiceEngine` or `VoiceFailed`."""
    voice = engine()
    if voice is None:
        raise NoVoiceEngine
    path = _path(voice, text)
    if path.exists():
        return path.read_bytes()
    data = _run(voice, text[:TEXT_MAX])
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    part.write_bytes(data)
    part.replace(path)
    return data


def for_message(message: Message) -> bytes:
    """The recorded announcement of a message, else its text spoken, else b"": then the text goes without a voice."""
    if message.occasion.audio_digest:
        from anlan.attachments.services import bytes_of

        try:
            return bytes_of(message.occasion.audio_digest)
        except OSError:
            pass  # the file is gone: a made voice is better than none
    try:
        return speak(message.occasion.voice_text or message.text)
    except (NoVoiceEngine, VoiceFailed):
        return b""


def pcm_8k(wav: bytes) -> NDArray[np.int16]:
    """Mono samples at 8 kHz of a 16-bit WAV of any rate, for the telephone. Raises `VoiceFailed`."""
    import numpy as np  # only where something is really spoken

    try:
        with wave.open(io.BytesIO(wav)) as file:
            if file.getsampwidth() != 2:
                raise VoiceFailed("not_16_bit")
            rate, channels = file.getframerate(), file.getnchannels()
            samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    except (wave.Error, EOFError) as error:
        raise VoiceFailed("not_a_wav") from error
    mono = samples[: len(samples) // channels * channels].reshape(-1, channels).mean(axis=1)
    wanted = int(len(mono) * 8_000 / rate)
    at = np.arange(wanted) * (rate / 8_000)
    if rate > 8_000 and len(mono):
        width = max(1, round(rate / 8_000))  # a plain average below the new rate's half, against folding
        mono = np.convolve(mono, np.ones(width) / width, mode="same")
    heard = np.interp(at, np.arange(len(mono)), mono) if len(mono) else np.zeros(0)
    return heard.astype(np.int16)


def _run(voice: Engine, text: str) -> bytes:
    try:
        done = subprocess.run(  # the county's own command, without a shell
            voice.command, input=text.encode(), capture_output=True, timeout=ENGINE_S, check=False
        )
    except FileNotFoundError as error:
        raise NoVoiceEngine from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise VoiceFailed(type(error).__name__) from error
    if done.returncode != 0:
        raise VoiceFailed(f"exit_{done.returncode}")
    if len(done.stdout) > WAV_MAX:
        raise VoiceFailed("too_large")
    samples = pcm_8k(done.stdout)
    if len(samples) == 0 or int(abs(samples.astype("i4")).max()) < SILENT_BELOW:
        raise VoiceFailed("silence")
    return done.stdout


def _path(voice: Engine, text: str) -> Path:
    digest = hashlib.sha256(f"{voice.name}\0{text[:TEXT_MAX]}".encode()).hexdigest()
    return Path(settings.ANLAN_DATA) / "speech" / digest[:2] / f"{digest}.wav"
