"""The kinds of journal entries about accounts, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "account.created": ("开通账号", "account created"),
    "account.closed": ("停用账号", "account closed"),
    "account.reopened": ("重新启用账号", "account opened again"),
    "account.password_changed": ("修改密码", "password changed"),
    "account.password_reset": ("重设密码", "password reset"),
    "account.sign_in_failed": ("登录失败", "sign-in failed"),
    "account.signed_in": ("登录", "signed in"),
    "account.signed_out": ("退出", "signed out"),
}
