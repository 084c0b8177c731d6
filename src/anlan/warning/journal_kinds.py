"""The kinds of journal entries that the warning floor writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "warning.drafted": ("起草预警", "warning drafted"),
    "warning.draft": ("重新提交审核", "submitted again for review"),
    "warning.revised": ("草稿随新读数修改", "draft revised by a newer reading"),
    "warning.reviewer_rung": ("催促审核人", "reviewer rung"),
    "warning.nobody_to_ring": ("无审核人可呼", "nobody to ring for review"),
    "warning.returned": ("退回草稿", "draft returned"),
    "warning.withdrawn": ("撤回草稿", "draft withdrawn"),
    "warning.issued": ("签发", "issued"),
    "warning.callout_opened": ("启动叫应", "call-out started"),
    "warning.reading_fell": ("读数回落，可考虑解除", "reading fell: may be lifted"),
    "warning.reading_rose_again": ("读数再次上升", "reading rose again"),
    "warning.prolonged": ("险情未退，延长有效期", "prolonged: the cause still stands"),
    "warning.replaced": ("被新预警替代", "replaced by a newer warning"),
    "warning.lifted": ("解除", "lifted"),
    "warning.expired": ("到期", "expired"),
    "warning_village.recorded": ("列入村庄", "village included"),
    "pre_authorisation.signed": ("签署预授权", "pre-authorisation signed"),
    "pre_authorisation.revoked": ("撤销预授权", "pre-authorisation revoked"),
}
