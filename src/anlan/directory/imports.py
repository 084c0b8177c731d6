"""The contacts workbook: who holds which post, and how they are reached."""

from __future__ import annotations

from anlan.directory import numbers
from anlan.directory.contact_list import apply_contacts
from anlan.documents import cells
from anlan.documents.cells import Cell, Parser
from anlan.documents.imports import ImportKind, register
from anlan.documents.problems import BadCell
from anlan.documents.workbook import Column
from anlan.kernel.refusals import Refusal
from anlan.vocab import duty_labels
from anlan.vocab.posts import FACES, PostKind

#: Posts that a list of contacts may fill. Administrators are appointed by hand.
POSTS = {FACES[kind].zh: kind for kind in PostKind if kind is not PostKind.ADMINISTRATOR}


def _reached(kind: str, code: str) -> Parser:
    def parse(cell: Cell) -> str:
        value = cells.as_text(cell)
        try:
            return numbers.normalise(kind, value)
        except Refusal:
            raise BadCell(code, value=value[:40]) from None

    return parse


CONTACTS = register(
    ImportKind(
        name="contacts",
        title=("责任人与联系方式", "Responsible people and their contacts"),
        columns=(
            Column("区划代码", True, cells.place_code, "岗位所在的县、乡镇、村或企业的代码", example="530521100201"),
            Column("单位", False, cells.text(120), "所在单位", example="上柳村村民委员会"),
            Column("岗位", True, cells.choice(POSTS), "只能填允许的岗位", tuple(POSTS), "灾害信息员"),
            Column("角色", True, cells.choice({"A": "A", "B": "B"}), "A 角先叫，B 角替补；A 角一人，B 角可多人", ("A", "B"), "A"),
            Column("姓名", True, cells.name(60), "姓名", example="赵春兰"),
            Column("手机", False, _reached("mobile", "contacts.bad_mobile"), "11 位手机号，设为文本", example="10000000008"),
            Column("座机", False, _reached("landline", "contacts.bad_landline"), "带区号的座机", example=""),
            Column("邮箱", False, _reached("email", "contacts.bad_mail"), "电子邮箱", example="zhao@example.cn"),
            Column("职责标签", False, cells.words(duty_labels.CODE_BY_ZH), "可填多个，用顿号分开", tuple(duty_labels.CODE_BY_ZH), "灾害信息员、网格员"),
            Column("技能", False, cells.words(), "可填多个，用顿号分开", example="急救、驾驶"),
            Column("登记编号", False, cells.text(40), "全国灾害信息员登记编号", example=""),
        ),
        apply=apply_contacts,
        examples=(
            {"区划代码": "530521100201", "单位": "上柳村村民委员会", "岗位": "灾害信息员", "角色": "A", "姓名": "赵春兰", "手机": "10000000008", "职责标签": "灾害信息员、网格员"},
            {"区划代码": "530521100201", "单位": "上柳村村民委员会", "岗位": "灾害信息员", "角色": "B", "姓名": "钱进", "手机": "10000000009"},
        ),
        notes=(
            "同一区划、岗位、角色以本表为准：表中没有的人从导入时起离任，新的人从导入时起任职，历史保留。",
            "号码留空表示不改动原来的号码；填写新号码则旧号码从导入时起停用。",
        ),
        sentences={
            "contacts.bad_mobile": ("“%(value)s”不是 11 位手机号。", "“%(value)s” is not an 11-digit mobile number."),
            "contacts.bad_landline": ("“%(value)s”不是带区号的座机号。", "“%(value)s” is not a landline number with its area code."),
            "contacts.bad_mail": ("“%(value)s”不是邮箱地址。", "“%(value)s” is not a mail address."),
            "contacts.wrong_tier": ("岗位“%(post)s”不设在 %(division)s。", "The post “%(post)s” does not belong to %(division)s."),
            "contacts.beyond_own_rights": ("岗位“%(post)s”带有您本人没有的权限，请由系统管理员导入。", "The post “%(post)s” gives rights that you do not hold yourself; ask the administrator."),
            "contacts.second_first": ("第 %(other)s 行已有这个岗位的 A 角，A 角只能一人。", "Row %(other)s holds the A role of this post; only one person may."),
            "contacts.both_roles": ("同一人在第 %(other)s 行是这个岗位的另一角色。", "Row %(other)s gives the same person the other role of this post."),
        },
    )
)  # fmt: skip
