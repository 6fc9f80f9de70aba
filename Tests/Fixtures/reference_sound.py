"""Sound: what librosa computes of it, and files of the formats that are read."""

import struct
from pathlib import Path

import librosa
import numpy as np
import soundfile
import torch
from common import Tensors

RATE, LENGTH, WINDOW, HOP, BANDS = 8000, 2048, 256, 64, 20


def drum() -> np.ndarray:
    """A falling tone with noise at its beginning, deviation well above silence."""
    time = np.arange(LENGTH) / RATE
    noise = np.random.default_rng(5).standard_normal(LENGTH)
    tone = np.sin(2 * np.pi * (90 * time + 60 * (1 - np.exp(-30 * time)) / 30 * 8))
    return (0.7 * tone * np.exp(-9 * time) + 0.2 * noise * np.exp(-60 * time)).astype(np.float32)


def sound() -> Tensors:
    """A signal, its transforms, and the signal that its magnitudes alone give back."""
    x = drum()
    options = dict(n_fft=WINDOW, hop_length=HOP, pad_mode="constant")
    spectrum = librosa.stft(x, **options)
    mel = librosa.feature.melspectrogram(y=x, sr=RATE, n_mels=BANDS, power=2, **options)
    magnitudes = np.abs(spectrum)
    numbers = {
        "signal": x, "stft.real": spectrum.real.T, "stft.imaginary": spectrum.imag.T,
        "istft": librosa.istft(spectrum, hop_length=HOP, n_fft=WINDOW, length=LENGTH),
        "filters": librosa.filters.mel(sr=RATE, n_fft=WINDOW, n_mels=BANDS),
        "mel": mel.T,
        "decibels": librosa.power_to_db(mel, ref=1.0, amin=1e-10, top_db=None).T,
    }
    for iterations in (1, 4):
        numbers[f"griffinlim.{iterations}"] = librosa.griffinlim(
            magnitudes, n_iter=iterations, hop_length=HOP, n_fft=WINDOW, length=LENGTH, init=None,
            momentum=0.99, pad_mode="constant")
    return {key: torch.from_numpy(np.ascontiguousarray(v, dtype=np.float32)) for key, v in numbers.items()}


def sound_files(folder: Path) -> None:
    """One tone, 0.8·sin(2π·500·t) of 50 ms, in many formats; and files that are damaged."""
    folder.mkdir(exist_ok=True)

    def tone(rate: int) -> np.ndarray:
        return 0.8 * np.sin(2 * np.pi * 500 * np.arange(rate // 20) / rate)

    for name, rate, subtype in [
        ("pcm16.wav", 8000, "PCM_16"), ("pcm24.wav", 8000, "PCM_24"), ("float.wav", 8000, "FLOAT"),
        ("rate96.wav", 96000, "PCM_16"), ("tone.flac", 8000, "PCM_16"), ("tone.ogg", 8000, "VORBIS"),
    ]:
        soundfile.write(folder / name, tone(rate), rate, subtype=subtype)
    # The mean of both sides is the tone.
    left = tone(8000)
    stereo = np.stack([left + 0.1, left - 0.1], axis=1)
    soundfile.write(folder / "stereo.wav", stereo, 8000, subtype="PCM_24")
    soundfile.write(folder / "silent.wav", np.zeros(0), 8000, subtype="PCM_16")
    broken = np.array([0.5, np.nan, 0.25], dtype=np.float32)
    soundfile.write(folder / "nan.wav", broken, 8000, subtype="FLOAT")
    whole = (folder / "tone.flac").read_bytes()
    (folder / "damaged.flac").write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 4))
    # A header that declares 4 GB.
    pcm = bytearray((folder / "pcm16.wav").read_bytes())
    pcm[40:44] = struct.pack("<I", 0xFFFFFFF0)
    (folder / "declares-4gb.wav").write_bytes(bytes(pcm))
