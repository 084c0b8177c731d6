"""The kinds of journal entries that the directory writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "organisation.recorded": ("登记单位", "organisation registered"),
    "post.recorded": ("设置岗位", "post set up"),
    "post.changed": ("修改岗位", "post changed"),
    "person.recorded": ("登记人员", "person registered"),
    "person.described": ("修改人员资料", "person described"),
    "person.renamed": ("修改姓名", "person renamed"),
    "holding.recorded": ("任命", "appointed"),
    "holding.ended": ("卸任", "left the post"),
    "contact.recorded": ("登记号码", "number registered"),
    "contact.ended": ("停用号码", "number no longer used"),
    "contact.verified": ("核验号码", "number verified"),
    "contact.failed": ("号码不通", "number found dead"),
    "shift.recorded": ("排班", "shift planned"),
    "shift.begun": ("班次开始", "shift begun"),
    "shift.cancelled": ("撤销排班", "shift cancelled"),
    "absence.recorded": ("登记请假", "absence recorded"),
    "absence.cancelled": ("撤销请假", "absence cancelled"),
}
