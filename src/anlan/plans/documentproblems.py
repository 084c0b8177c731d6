"""What an imported plan makes a person look at, and the files that are not read at all."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from anlan.documents.problems import Problem, add_sentences
from anlan.kernel.refusals import Refusal
from anlan.plans.content import Content
from anlan.plans.wording import BadWord

add_sentences(
    {
        "plan_file.no_headings": ("文档没有能识别的标题，正文全部放入“正文”一章，请分章整理。", "The document has no heading that could be recognised; all of its text went into one chapter."),
        "plan_file.no_title": ("没有找到预案名称，请填写。", "No title was found; please write it."),
        "plan_file.table_kept_as_text": ("这张表没有认出用途，原文放入附件“%(title)s”。", "The purpose of this table was not recognised; its text went into the annex “%(title)s”."),
        "plan_file.columns_left": ("%(columns)s 列没有对应内容，整表原文另存为附件“%(title)s”。", "The columns %(columns)s have no place in a plan; the whole table was also kept in the annex “%(title)s”."),
        "plan_file.row_left": ("“%(words)s”这一行缺少必要内容，没有列入，原文放入附件“%(title)s”。", "The row “%(words)s” lacks something that is needed; it was not taken and its text went into the annex “%(title)s”."),
        "plan_file.value_left": ("“%(value)s”不能作为%(column)s，该项留空，原文放入附件“%(title)s”。", "“%(value)s” is no %(column)s; the field is empty and the text went into the annex “%(title)s”."),
        "plan_file.owners_split": ("“%(title)s”有 %(count)s 个责任单位，已拆成 %(count)s 项任务。", "“%(title)s” has %(count)s units; it was split into %(count)s tasks."),
        "plan_file.level_words_only": ("%(level)s的启动条件没有能自动判别的内容，只作文字显示。", "No trigger of %(level)s can be watched by the platform; they are only shown."),
        "plan_file.level_no_authority": ("%(level)s没有认出由谁决定启动，请选择。", "Who decides about %(level)s was not recognised; please choose."),
        "plan_file.body_unknown": ("“%(value)s”不在指挥机构清单中，放入指挥机构说明。", "“%(value)s” is not in the list of commanding bodies; it went into the words about the body."),
        "plan_file.pictures_left": ("文档中有 %(count)s 张图片没有导入，请作为附件上传。", "%(count)s pictures of the document were not imported; upload them as attachments."),
        "plan_file.notes_left": ("文档有页眉页脚、批注、脚注或文本框，其文字放入附件“%(title)s”。", "The document has headers, comments, footnotes or text boxes; their words went into the annex “%(title)s”."),
        "plan_file.departments_unknown": ("这些部门在通讯录中没有找到：%(names)s。", "These departments were not found in the directory: %(names)s."),
        "plan_sheet.missing": ("缺少工作表“%(sheet)s”，这部分为空。", "The sheet “%(sheet)s” is missing; that part is empty."),
        "plan_sheet.unknown": ("不认识工作表“%(sheet)s”，没有读取。", "The sheet “%(sheet)s” is not known and was not read."),
        "plan_sheet.no_title": ("“基本”表没有填预案名称。", "The sheet 基本 has no title of the plan."),
        "plan_sheet.twice": ("编号“%(value)s”出现了两次。", "The key “%(value)s” appears twice."),
        "plan_sheet.unknown_key": ("没有编号为“%(value)s”的%(part)s。", "There is no %(part)s with the key “%(value)s”."),
        "plan_word.required": ("必须填写。", "This must be filled in."),
        "plan_word.number": ("“%(value)s”不是数字。", "“%(value)s” is not a number."),
        "plan_word.minutes": ("“%(value)s”不是时限，请写分钟数或“2小时”。", "“%(value)s” is no limit; write minutes or 2小时."),
        "plan_word.flag": ("“%(value)s”请写“是”或“否”。", "“%(value)s”: write 是 or 否."),
        "plan_word.level": ("“%(value)s”不是响应级别，请写Ⅰ级到Ⅳ级。", "“%(value)s” is no response level; write Ⅰ级 to Ⅳ级."),
        "plan_word.post": ("“%(value)s”不是岗位名称。", "“%(value)s” is no kind of post."),
        "plan_word.hazard": ("“%(value)s”不是可以预警的灾种。", "“%(value)s” is no hazard that is warned about."),
        "plan_word.type": ("“%(value)s”不是事件类型。", "“%(value)s” is no type of incident."),
        "plan_word.figure": ("“%(value)s”不是统计指标。", "“%(value)s” is no figure."),
        "plan_word.grade": ("“%(value)s”不是事件等级。", "“%(value)s” is no grade."),
        "plan_word.body": ("“%(value)s”不在指挥机构清单中。", "“%(value)s” is not in the list of commanding bodies."),
        "plan_word.skill": ("“%(value)s”不是能力名称。", "“%(value)s” is no skill."),
        "plan_word.need_kind": ("“%(value)s”不是资源类别，请写队伍、车辆、装备、物资或专家。", "“%(value)s” is no kind of resource."),
        "plan_word.address": ("“%(value)s”不是单位。", "“%(value)s” is no unit."),
        "plan_word.trigger": ("启动条件中“%(value)s”不认识。", "“%(value)s” is not known in a trigger."),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file became: everything that had a place is in `content`, everything a person should look at in `remarks`.

    `remarks` name the place in the file ("表2", "任务!E7"). `is_usable` is False where a workbook has mistakes that must be
    mended first; a Word file is always usable, since whatever had no place stands in a chapter or an annex.
    """

    title: str
    content: Content
    remarks: tuple[Problem, ...] = ()
    is_usable: bool = True


def problem_of(place: str, bad: BadWord, row: int = 0) -> Problem:
    return Problem(row, place, f"plan_word.{bad.code}", {"value": bad.value})


class NotADocument(Refusal):
    code = "plan_file.not_a_document"
    text = _("This file is no Word document (.docx) or workbook (.xlsx) that can be read.")
    next_step = _("Save it anew as .docx or .xlsx and try again; remove a password first.")
    status = 415


class DocumentTooBig(Refusal):
    code = "plan_file.too_big"
    text = _("The file is larger than %(limit_mb)s MB or unpacks to far too much.")
    next_step = _("Take out pictures and embedded files, and try again.")
    status = 413


class HostileDocument(Refusal):
    code = "plan_file.hostile"
    text = _("The document holds definitions that no plan needs and was not read.")
    next_step = _("Copy its text into a new document and save that as .docx.")
    status = 415


class PlanFileMissing(Refusal):
    code = "plan_file.missing"
    text = _("No file was chosen.")
    next_step = _("Choose a Word file (.docx) or a workbook (.xlsx).")
    status = 400


class PlanHasMistakes(Refusal):
    code = "plan_file.has_mistakes"
    text = _("The workbook has mistakes that must be mended first.")
    next_step = _("Mend the cells of the list and upload the workbook again.")
    status = 422
