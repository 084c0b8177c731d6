"""Sentences of BeiDou terminals, NMEA-like: $ + five letters + fields + * + XOR in two hexadecimal digits + CR LF.

Source: published articles and public implementations; neither the 2.1 text nor the BDS-3 text was at hand. Names of fields marked so
in `docs/conformance.md` are assumed.
"""

from __future__ import annotations

START = b"$"
STAR = b"*"
TAIL = b"\r\n"
#: * and two digits.
SUM = 3
#: A BDS-3 regional message has 14,000 bits, written as 3,500 digits; the rest is room for the fields around it.
MAX_SENTENCE = 4096

#: Station of sentences that a terminal says of itself, until BDICI has told the number of its card.
TERMINAL = "beidou"
#: In front of a payload of mixed mode.
MIXED = 0xA4
MODE_CHINESE, MODE_CODE, MODE_MIXED = "0", "1", "2"

#: Where the other party's card number stands among the fields.
ADDRESS_FIELD = {"CCTXA": 0, "BDTXR": 1}
#: Where the payload stands; further fields before it occur, so the last field counts.
PAYLOAD_SENTENCES = frozenset({"CCTXA", "BDTXR"})

#: Bytes of one message for each length class of a card. Assumed: 110, 408, 628 and 848 bits are what articles name.
CLASS_BYTES = {"1": 13, "2": 51, "3": 78, "4": 106}

#: Sentence → Chinese, English, and the names of its fields (Chinese, English).
SENTENCES: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "CCICA": ("读取用户机信息", "read the card", (("指令类型", "kind"), ("帧号", "frame number"))),
    "BDICI": (
        "用户机信息",
        "the card",
        (
            ("用户地址", "card number"),
            ("序列号", "serial number"),
            ("通播地址", "broadcast address"),
            ("用户特征", "kind of user"),
            ("服务频度（秒）", "seconds between messages"),
            ("通信等级", "length class"),
            ("加密标志", "encryption"),
            ("下属用户数", "subordinate users"),
        ),
    ),
    "CCRMO": ("设置输出", "switch an output", (("语句", "sentence"), ("模式", "mode"), ("频度", "rate"))),
    "BDBSI": (
        "波束信号",
        "signal of the beams",
        (
            ("响应波束", "beam in use"),
            ("时差波束", "second beam"),
            *((f"波束{n}功率", f"power of beam {n}") for n in range(1, 11)),
        ),
    ),
    "CCTXA": (
        "发送短报文",
        "send a message",
        (("收信地址", "receiver"), ("通信类别", "kind"), ("传输方式", "mode"), ("内容", "content")),
    ),
    "BDFKI": (
        "发送反馈",
        "result of sending",
        (
            ("指令", "sentence"),
            ("执行情况", "done"),
            ("频度设置", "rate setting"),
            ("发射抑制", "suppression"),
            ("等待时间", "time to wait"),
        ),
    ),
    "BDTXR": (
        "收到短报文",
        "message received",
        (
            ("信息类别", "kind"),
            ("发信地址", "sender"),
            ("传输方式", "mode"),
            ("发信时间", "time of sending"),
            ("内容", "content"),
        ),
    ),
    "CCTCQ": ("发送短报文（北斗三号）", "send a message (BDS-3)", ()),
    "BDTCI": ("收到短报文（北斗三号）", "message received (BDS-3)", ()),
    "BDICP": ("用户机信息（北斗三号）", "the card (BDS-3)", ()),
    "BDPWI": ("信号功率（北斗三号）", "signal (BDS-3)", ()),
}
