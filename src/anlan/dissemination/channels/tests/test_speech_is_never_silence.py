"""The voice: a county's own program, its cache, how it fails, and what is said when nothing on the machine can speak."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

from anlan.dissemination.channels import Message, Occasion, speech
from anlan.dissemination.channels.speech import NoVoiceEngine, VoiceFailed, estimate_seconds, pcm_8k, speak

TEXT = "请立即转移到安置点。"

#: Reads the text, keeps it, and writes a tone whose length follows the number of characters.
PROGRAM = """
import math, pathlib, struct, sys, wave
text = sys.stdin.buffer.read().decode()
heard = pathlib.Path(sys.argv[1])
heard.write_text(heard.read_text() + text + "\\n" if heard.exists() else text + "\\n")
loud = int(sys.argv[2])
with wave.open(sys.stdout.buffer, "wb") as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(16000)
    out.writeframes(b"".join(struct.pack("<h", int(loud * math.sin(n / 4))) for n in range(800 * len(text))))
"""


class Voice:
    """A fake engine; `heard` are the texts that it was given, one for each time it ran."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, monkeypatch
        (folder / "voice.py").write_text(PROGRAM)
        self.use(f"{sys.executable} {folder}/voice.py {folder}/heard 9000")

    def use(self, command: str) -> None:
        self._patch.setenv("ANLAN_SPEECH_COMMAND", command)

    def program(self, source: str) -> None:
        path = self.folder / "other.py"
        path.write_text(source)
        self.use(f"{sys.executable} {path}")

    @property
    def heard(self) -> list[str]:
        path = self.folder / "heard"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def files(self) -> list[Path]:
        return sorted((self.folder / "speech").rglob("*.*"))


@pytest.fixture
def voice(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Voice:
    settings.ANLAN_DATA = tmp_path
    return Voice(tmp_path, monkeypatch)


def message(**fields: Any) -> Message:
    return Message("key-1", "somewhere", "屏幕上的文字。", occasion=Occasion(**fields))


def wav(samples: list[int], *, rate: int = 8_000, width: int = 2, channels: int = 1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(b"".join(one.to_bytes(width, "little", signed=width > 1) for one in samples))
    return out.getvalue()


def test_a_text_is_spoken_by_the_program_of_the_county(voice: Voice) -> None:
    data = speak(TEXT)
    assert voice.heard == [TEXT]
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() == 800 * len(TEXT)
    assert len(pcm_8k(data)) == 400 * len(TEXT)


def test_the_same_text_is_spoken_once_and_another_voice_speaks_it_anew(voice: Voice) -> None:
    first = speak(TEXT)
    assert speak(TEXT) == first
    assert voice.heard == [TEXT]
    speak("另一段。")
    assert voice.heard == [TEXT, "另一段。"]
    assert len(voice.files) == 2
    voice.use(f"{sys.executable} {voice.folder}/voice.py {voice.folder}/heard 5000")
    assert speak(TEXT) != first
    assert len(voice.files) == 3


def test_no_half_written_file_is_ever_taken_for_speech(voice: Voice) -> None:
    speak(TEXT)
    assert [one.suffix for one in voice.files] == [".wav"]


def test_a_text_is_never_part_of_the_command(voice: Voice) -> None:
    trap = f'"; touch {voice.folder}/trap; echo "$(touch {voice.folder}/trap)'
    speak(trap)
    assert voice.heard == [trap]
    assert not (voice.folder / "trap").exists()


@pytest.mark.parametrize("loud", [0, speech.SILENT_BELOW - 1])
def test_silence_is_not_speech_and_is_not_kept(voice: Voice, loud: int) -> None:
    voice.use(f"{sys.executable} {voice.folder}/voice.py {voice.folder}/heard {loud}")
    for _ in range(2):
        with pytest.raises(VoiceFailed, match="silence"):
            speak(TEXT)
    assert len(voice.heard) == 2
    assert voice.files == []


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import sys; sys.exit(7)", "exit_7"),
        ("print('not a sound')", "not_a_wav"),
        ("", "not_a_wav"),
    ],
)
def test_an_engine_that_fails_says_how(voice: Voice, source: str, why: str) -> None:
    voice.program(source)
    with pytest.raises(VoiceFailed, match=why):
        speak(TEXT)
    assert voice.files == []


def test_an_empty_recording_is_not_speech(voice: Voice) -> None:
    (voice.folder / "empty").write_bytes(wav([]))
    voice.use(f"cat {voice.folder}/empty")
    with pytest.raises(VoiceFailed, match="silence"):
        speak(TEXT)


def test_a_recording_of_8_bit_is_refused_by_name() -> None:
    with pytest.raises(VoiceFailed, match="not_16_bit"):
        pcm_8k(wav([200] * 100, width=1))


def test_two_channels_of_any_rate_become_one_of_8_khz() -> None:
    heard = pcm_8k(wav([4_000, 2_000] * 44_100, rate=44_100, channels=2))
    assert len(heard) == 8_000
    assert abs(int(heard[4_000]) - 3_000) <= 1


def test_an_engine_that_does_not_end_is_ended(voice: Voice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "ENGINE_S", 0.2)
    voice.program("import threading; threading.Event().wait()")
    with pytest.raises(VoiceFailed, match="TimeoutExpired"):
        speak(TEXT)


def test_without_an_engine_it_says_so_and_a_message_goes_without_a_voice(
    voice: Voice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    voice.use("")
    assert speech.engine() is None
    with pytest.raises(NoVoiceEngine):
        speak(TEXT)
    assert speech.for_message(message()) == b""


def test_a_program_that_is_not_there_is_no_engine(voice: Voice) -> None:
    voice.use(f"{voice.folder}/nothing-here")
    with pytest.raises(NoVoiceEngine):
        speak(TEXT)
    assert speech.for_message(message()) == b""


def test_a_message_is_spoken_in_its_own_words_for_the_ear(voice: Voice) -> None:
    assert speech.for_message(message(voice_text=TEXT)) == speak(TEXT)
    speech.for_message(message())
    assert voice.heard == [TEXT, "屏幕上的文字。"]


def test_a_recording_that_is_gone_is_replaced_by_a_voice(voice: Voice) -> None:
    assert speech.for_message(message(voice_text=TEXT, audio_digest="0" * 64)) == speak(TEXT)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0.0),
        ("转移转移转移转移转移转移转移转移转移转", 5.0),
        ("转移。", 1.1),
        ("雨量12毫米，转移！", 3.1),
        ("SOS", 0.5),
    ],
)
def test_the_length_of_an_announcement_is_estimated_from_syllables_and_pauses(
    text: str, seconds: float
) -> None:
    assert estimate_seconds(text) == pytest.approx(seconds, abs=0.05)


def test_a_longer_text_never_takes_less_time() -> None:
    text = "【云岭县】上柳村群众请注意：山洪红色预警，请立即转移至村小学。"
    lengths = [estimate_seconds(text[:n]) for n in range(len(text))]
    assert lengths == sorted(lengths)
