"""Why a message is refused, doubted or remarked on: one row a reason, in words that its sender can act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from anlan.kernel.refusals import Refusal


class Weight(StrEnum):
    """ERROR makes a document invalid; WARNING is taken with a mark; NOTICE is only said."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


class Wording(NamedTuple):
    weight: Weight
    zh: str
    en: str


_E, _W, _N = Weight.ERROR, Weight.WARNING, Weight.NOTICE

WORDINGS: dict[str, Wording] = {
    # The file itself.
    "cap.too_large": Wording(_E, "文件共{bytes}字节，超过上限{limit}字节，请缩小后重发。", "The file has {bytes} bytes, more than the {limit} that are taken. Send a smaller one."),
    "cap.empty": Wording(_E, "文件是空的。", "The file is empty."),
    "cap.encoding": Wording(_E, "文字编码有误：{why}。请用 UTF-8 编码，并与 XML 声明一致。", "The characters cannot be read: {why}. Encode in UTF-8 and say so in the XML declaration."),
    "cap.not_well_formed": Wording(_E, "不是完整的 XML（第{line}行）：{why}。", "This is not complete XML (line {line}): {why}."),
    "cap.entities": Wording(_E, "文件使用了 XML 实体（{name}），出于安全不予展开；请把文字直接写出。", "The file uses an XML entity ({name}), which is never expanded. Write the text itself."),
    "cap.dtd_ignored": Wording(_W, "文件带有 DTD，已忽略，未读取任何外部内容。", "The file carries a DTD. It was ignored; nothing outside was read."),
    "cap.too_deep": Wording(_E, "元素嵌套{depth}层，超过上限{limit}层。", "Elements are nested {depth} deep, more than the {limit} that are taken."),
    "cap.too_many_elements": Wording(_E, "元素超过{limit}个。", "There are more than {limit} elements."),
    "cap.text_too_long": Wording(_E, "元素{element}的文字有{length}个字符，超过上限{limit}。", "The text of {element} has {length} characters, more than the {limit} that are taken."),
    "cap.not_cap": Wording(_E, "根元素是{root}，不是 CAP 消息、EDXL-DE 封装、ATOM 或 RSS。", "The root element is {root}: neither a CAP alert, an EDXL-DE envelope, ATOM nor RSS."),
    "cap.namespace": Wording(_E, "alert 的命名空间“{namespace}”不是 CAP 1.0、1.1 或 1.2。", "The namespace “{namespace}” of alert is neither CAP 1.0, 1.1 nor 1.2."),
    "cap.several": Wording(_E, "文件中有{count}条 CAP 消息，此处只收一条。", "The file holds {count} alerts where one is expected."),
    "cap.no_text": Wording(_N, "没有可供检查的正文。", "There is no text to check."),
    # The schema and the elements.
    "cap.schema": Wording(_E, "不符合 {schema}（第{line}行）：{why}", "Against the schema {schema} (line {line}): {why}"),
    "cap.missing": Wording(_E, "缺少{element}。", "{element} is missing."),
    "cap.time": Wording(_E, "{element}“{value}”不是 yyyy-mm-ddThh:mm:ss±hh:mm 形式的时间。", "{element} “{value}” is not a time like yyyy-mm-ddThh:mm:ss±hh:mm."),
    "cap.time_z": Wording(_W, "{element}“{value}”以 Z 结尾；CAP 要求写成 -00:00。", "{element} “{value}” ends in Z; CAP asks for -00:00."),
    "cap.time_without_zone": Wording(_E, "{element}“{value}”没有时区，不作猜测；请写 ±hh:mm。", "{element} “{value}” has no time zone, and none is guessed. Write ±hh:mm."),
    "cap.word": Wording(_E, "{element}“{value}”不在 CAP 词表中，可用：{known}。", "{element} “{value}” is not a word of CAP. Use one of: {known}."),
    "cap.restricted_characters": Wording(_E, "{element}“{value}”含有空格、逗号、< 或 &，别的消息将无法引用它。", "{element} “{value}” holds a space, a comma, < or &, so no other message can refer to it."),
    "cap.references_missing": Wording(_E, "{msg_type} 必须在 references 中写明针对哪条消息。", "{msg_type} must name in references the message it is about."),
    "cap.reference_form": Wording(_E, "references 中“{value}”不是“sender,identifier,sent”。", "“{value}” in references is not “sender,identifier,sent”."),
    "cap.reference_itself": Wording(_W, "references 引用了消息自己。", "references names the message itself."),
    "cap.restriction_missing": Wording(_W, "scope 为 Restricted，应写明 restriction。", "scope is Restricted; say to whom in restriction."),
    "cap.addresses_missing": Wording(_W, "scope 为 Private，应写明 addresses。", "scope is Private; list the addresses."),
    "cap.no_info": Wording(_W, "没有 info：收到的人不知道发生了什么。", "There is no info: nobody who receives it learns what happens."),
    "cap.advice_missing": Wording(_W, "没有 instruction（防御指南）：请写明公众应当做什么。", "There is no instruction: say what people should do."),
    "cap.headline_missing": Wording(_N, "没有 headline（标题）。", "There is no headline."),
    "cap.sender_name_missing": Wording(_N, "没有 senderName（发布单位名称）。", "There is no senderName, the issuer as people know it."),
    "cap.area_missing": Wording(_W, "没有 area：不知道哪里受影响。", "There is no area: nobody can tell where."),
    "cap.area_words_only": Wording(_N, "area“{value}”只有文字，没有 polygon、circle 或 geocode，机器无法定位。", "Area “{value}” has words only; without polygon, circle or geocode no machine finds it."),
    "cap.expires_missing": Wording(_W, "没有 expires：不知道何时失效。", "There is no expires: nobody can tell when it ends."),
    "cap.expires_before_sent": Wording(_E, "expires {expires} 早于 sent {sent}：发出时已失效。", "expires {expires} comes before sent {sent}: it ended before it was sent."),
    "cap.expires_at_once": Wording(_W, "expires 与 sent 相同（{expires}）：一发出即失效。", "expires is the same as sent ({expires}): it ends as it begins."),
    "cap.expires_before_onset": Wording(_W, "expires {expires} 早于 onset {onset}。", "expires {expires} comes before onset {onset}."),
    "cap.number_in_resource": Wording(_W, "resource 的 size“{value}”不是数字。", "The size “{value}” of a resource is no number."),
    # Areas.
    "cap.polygon_too_large": Wording(_E, "一个 polygon 有{length}个字符，超过上限{limit}；请简化边界。", "A polygon has {length} characters, more than the {limit} that are taken. Simplify the boundary."),
    "cap.polygon_form": Wording(_E, "polygon 中“{value}”不是“纬度,经度”。", "“{value}” in a polygon is not “latitude,longitude”."),
    "cap.polygon_too_short": Wording(_E, "polygon 只有{count}个点，至少 4 个（首尾相同）。", "A polygon has {count} points; at least 4 are needed, the last like the first."),
    "cap.polygon_open": Wording(_E, "polygon 未闭合：首点{first}，末点{last}。", "A polygon is not closed: it begins at {first} and ends at {last}."),
    "cap.polygon_crossing": Wording(_E, "polygon 自相交（约在 {lat},{lon}）：内外不明。", "A polygon crosses itself (near {lat},{lon}): inside and outside cannot be told."),
    "cap.polygon_flat": Wording(_E, "polygon 没有面积。", "A polygon encloses nothing."),
    "cap.coordinates_swapped": Wording(_E, "坐标“{value}”经纬度写反：CAP 先写纬度，后写经度。", "“{value}” has longitude and latitude swapped: CAP writes latitude first."),
    "cap.coordinates_range": Wording(_E, "坐标“{value}”超出纬度 ±90、经度 ±180。", "“{value}” lies outside latitude ±90 and longitude ±180."),
    "cap.circle_form": Wording(_E, "circle“{value}”不是“纬度,经度 半径公里”。", "Circle “{value}” is not “latitude,longitude radius-in-km”."),
    "cap.circle_radius": Wording(_E, "circle“{value}”的半径不合理。", "The radius of circle “{value}” is impossible."),
    # Identity.
    "cap.identifier_reused": Wording(_E, "标识 {identifier} 已用于另一内容；每次发出须用新标识。", "Identifier {identifier} was used before with other content. Every message needs a new one."),
    # Feeds and envelopes.
    "cap.feed_missing": Wording(_E, "{place}缺少{element}（RFC 4287/RSS 2.0 必备）。", "{place} lacks {element}, which the feed format demands."),
    "cap.entry_without_link": Wording(_E, "条目“{title}”既无内容，也无 rel=alternate 的链接：打不开其消息。", "Entry “{title}” has neither content nor an alternate link: its alert cannot be reached."),
    "cap.alert_outside_entry": Wording(_E, "有 alert 直接放在 feed 中而不在 entry 内：订阅者读不到它。", "An alert stands in the feed itself and not in an entry: readers of the feed never see it."),
    "cap.feed_schema": Wording(_N, "与 {schema} 不一致（第{line}行）：{why}", "Other than the schema {schema} expects (line {line}): {why}"),
    "cap.envelope_empty": Wording(_W, "封装中没有 CAP 消息。", "There is no alert in the envelope."),
    # Signatures.
    "cap.signature_text": Wording(_E, "签名中{element}的 Base64 文字被改动：末尾字符“{value}”带有多余的位，规范写法应为“{right}”。", "The Base64 text of {element} in the signature was altered: its end “{value}” carries bits beyond the data; written properly it is “{right}”."),
    "cap.signature_unreadable": Wording(_W, "有 Signature，但无法读取：{why}。按未签名处理。", "There is a Signature that cannot be read: {why}. It counts as unsigned."),
    "cap.signature_part": Wording(_E, "签名没有覆盖整条消息（{why}），不能证明其余内容。", "The signature does not cover the whole message ({why}), so it proves nothing about the rest."),
    "cap.digest_mismatch": Wording(_E, "摘要不符：签名后内容被改动（声明 {stated}，重算 {computed}）。", "The digest does not match: the content was changed after signing (stated {stated}, recomputed {computed})."),
    "cap.signature_mismatch": Wording(_E, "签名值与所附证书的公钥不符。", "The signature value does not fit the key of the certificate inside."),
    "cap.signature_reformatted": Wording(_W, "签名后被重新排版：去掉元素间空白后摘要与签名相符。", "The message was reformatted after signing: without the blanks between elements digest and signature match."),
    "cap.signature_beside_others": Wording(_N, "有{count}个签名，各自在没有其他签名时作出，已据此核对。", "There are {count} signatures, each made without the others; it was checked that way."),
    "cap.signature_detached": Wording(_N, "SignedInfo 是脱离消息的命名空间单独签名的，已据此核对。", "SignedInfo was signed apart from the namespaces of the message; it was checked that way."),
    "cap.certificate_time": Wording(_W, "签名时间 {at} 不在证书有效期 {start} 至 {end} 内。", "At the time of signing, {at}, the certificate was not valid ({start} to {end})."),
    "cap.certificate_untrusted": Wording(_W, "证书“{subject}”不在受信任名单中，也非名单中机构签发。", "The certificate “{subject}” is neither on the list of trusted ones nor issued by one of them."),
    "cap.certificate_missing": Wording(_W, "签名中没有证书，也未另行指定，无法核对。", "The signature carries no certificate and none was given: it cannot be checked."),
    "cap.signature_weak": Wording(_N, "签名算法 {algorithm} 已不安全（SHA-1）。", "The signature algorithm {algorithm} is weak (SHA-1)."),
    "cap.signature_good": Wording(_N, "签名有效：摘要重算相符，签名与所附证书“{subject}”相符，证书在签名时间 {at} 有效；证书链{trust}。", "The signature is good: digest recomputed, signature fits the certificate “{subject}”, which was valid at {at}; its issuer: {trust}."),
    "cap.unsigned": Wording(_N, "未签名。", "It is not signed."),
    # Profiles.
    "cap.profile": Wording(_N, "按 {profile} 检查。", "Checked as {profile}."),
    "cap.profile_demand": Wording(_W, "{profile}要求：{zh}。", "{profile} demands: {en}."),
    # The national JSON.
    "cap.json": Wording(_E, "不是可读的 JSON：{why}。", "This is no readable JSON: {why}."),
    "cap.json_field": Wording(_E, "JSON 字段{element}缺失或有误：{value}。", "The JSON field {element} is missing or wrong: {value}."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that was found. `where` names the alert in a file of several."""

    code: str
    data: dict[str, object] = field(default_factory=dict, hash=False)
    where: str = ""

    @property
    def weight(self) -> Weight:
        return WORDINGS[self.code].weight

    @property
    def zh(self) -> str:
        return WORDINGS[self.code].zh.format(**self.data)

    @property
    def en(self) -> str:
        return WORDINGS[self.code].en.format(**self.data)


def reason(code: str, where: str = "", **data: object) -> Reason:
    return Reason(code, {name: _short(value) for name, value in data.items()}, where)


def _short(value: object) -> object:
    """What a sender wrote is quoted, never at full length."""
    return f"{value[:160]}…" if isinstance(value, str) and len(value) > 161 else value


class CapRefused(Refusal):
    """The message cannot be read at all; `reason` says why in both languages."""

    code = "cap.refused"
    text = "%(why)s"
    status = 400

    def __init__(self, why: Reason) -> None:
        super().__init__(why=why.en)
        self.reason = why
