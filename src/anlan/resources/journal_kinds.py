"""The kinds of journal entries that resources writes, in Chinese and English."""

from __future__ import annotations

JOURNAL_KINDS: dict[str, tuple[str, str]] = {
    "team.registered": ("登记队伍", "team registered"),
    "team.imported": ("导入队伍", "team imported"),
    "team.changed": ("修改队伍信息", "team changed"),
    "team.readiness": ("更新队伍战备", "readiness of a team set"),
    "team.retired": ("注销队伍", "team retired"),
    "asset.registered": ("登记装备车辆", "vehicle or equipment registered"),
    "asset.imported": ("导入装备车辆", "vehicle or equipment imported"),
    "asset.changed": ("修改装备车辆", "vehicle or equipment changed"),
    "asset.state": ("更新装备车辆状态", "state of vehicle or equipment set"),
    "asset.retired": ("注销装备车辆", "vehicle or equipment retired"),
    "expert.registered": ("登记专家", "expert registered"),
    "expert.imported": ("导入专家", "expert imported"),
    "expert.changed": ("修改专家信息", "expert changed"),
    "expert.retired": ("移出专家库", "expert retired"),
    "stock_report.reported": ("上报库存", "stock reported"),
}
