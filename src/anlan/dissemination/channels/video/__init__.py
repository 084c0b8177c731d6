"""The video check of "3个一" (C-12): somebody looks at the called party and keeps who, when and a picture or a remark."""

from __future__ import annotations

from anlan.dissemination.channels.hand import register_hand

VIDEO = register_hand("video", "视频核查", "video check", "视频连线，看到本人和现场，截图留存")
