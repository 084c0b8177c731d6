"""What sensing refuses. `field` names the argument that is wrong, so that an import can point at the column."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_noop as _

from anlan.kernel.refusals import Refusal


class BadField(Refusal):
    """Base: one argument is not usable."""

    field: ClassVar[str] = ""
    status = 422


class BadStationCode(BadField):
    code = "station.bad_code"
    field = "code"
    text = _("“%(code)s” cannot be a station code.")
    next_step = _("Use 1 to 20 letters and digits; an SL 651 address has ten hexadecimal digits.")


class StationCodeTaken(BadField):
    code = "station.code_taken"
    field = "code"
    text = _("A station with code %(code)s is already registered.")
    next_step = _("Change that station, or correct the code.")


class BadCameraCode(BadField):
    code = "camera.bad_code"
    field = "code"
    text = _("“%(code)s” is not a device id of twenty digits.")
    next_step = _("Copy the GB/T 28181 id of the camera; format the cell as text.")


class CameraTaken(BadField):
    code = "camera.code_taken"
    field = "code"
    text = _("A camera with id %(code)s is already registered.")
    next_step = _("Change that camera, or correct the id.")


class BadView(BadField):
    code = "camera.bad_view"
    field = "range_m"
    text = _("%(value)s is not usable; give a number from 0 to %(high)s.")
    next_step = _("Azimuth and angle are degrees, the range is in metres.")


class NoCatalogue(Refusal):
    code = "camera.no_catalogue"
    status = 400
    text = _("No file holds a catalogue of cameras.")
    next_step = _("Choose the saved XML answers of the video platform (CmdType Catalog).")


class NoStationName(BadField):
    code = "station.no_name"
    field = "name"
    text = _("The station has no name.")
    next_step = _("Give the name that the owner uses.")


class UnknownStationKind(BadField):
    code = "station.unknown_kind"
    field = "kind"
    text = _("There is no kind of station called %(kind)s.")
    next_step = _("Choose one of the kinds in the list.")


class UnknownAttribute(BadField):
    code = "station.unknown_attribute"
    field = "attributes"
    text = _("A station of this kind has no fact called %(name)s.")
    next_step = _("Use one of: %(known)s.")


class BadAttribute(BadField):
    code = "station.bad_attribute"
    field = "attributes"
    text = _("%(value)s is not usable for %(name)s.")
    next_step = _("Give %(expected)s.")


class AddressTaken(BadField):
    code = "station.address_taken"
    field = "address"
    text = _("The address %(address)s already belongs to station %(code)s.")
    next_step = _("Two stations with one address cannot be told apart; correct one of them.")


class BadSilenceLimit(BadField):
    code = "station.bad_silence_limit"
    field = "silent_after_s"
    text = _("A silence limit of %(minutes)s minutes is not usable.")
    next_step = _("Choose between 1 minute and 7 days; six times the reporting interval is usual.")


class MarksOutOfOrder(BadField):
    code = "station.marks_out_of_order"
    field = "guaranteed_stage"
    text = _(
        "The stages are not in order: warning %(warning)s, guaranteed %(guaranteed)s, historic %(historic)s m."
    )
    next_step = _("The warning stage is the lowest and the historic maximum the highest.")


class ThresholdOutOfRange(BadField):
    code = "link.threshold_out_of_range"
    field = "thresholds"
    text = _("%(value)s mm in %(hours)s h is not a usable threshold.")
    next_step = _("Give millimetres above 0 and up to 2000, or leave it blank.")


class PrepareAboveEvacuate(BadField):
    code = "link.prepare_above_evacuate"
    field = "thresholds"
    text = _("In %(hours)s h, prepare (%(prepare)s mm) lies above evacuate now (%(evacuate)s mm).")
    next_step = _("The threshold to prepare is the lower one.")


class ThresholdsShrink(BadField):
    code = "link.thresholds_shrink"
    field = "thresholds"
    text = _("The threshold for %(long)s h (%(more)s mm) is lower than that for %(short)s h (%(less)s mm).")
    next_step = _("A longer time needs at least as much rain.")


class NotAVillage(BadField):
    code = "link.not_a_village"
    field = "division"
    text = _("%(name)s is not a village; a station speaks for villages or places below them.")
    next_step = _("Link each of its villages.")


class RetiredStation(Refusal):
    code = "station.retired"
    text = _("Station %(code)s was taken down.")
    next_step = _("Register a new station for the place.")


class BadSourceName(BadField):
    code = "source.bad_name"
    field = "name"
    text = _("A source needs a name of one to sixty letters.")
    next_step = _("Name it after whoever sends, such as water-bureau.")


class UnknownSource(Refusal):
    code = "source.unknown"
    text = _("There is no source called %(name)s.")
    next_step = _("`anlan source list` shows all of them.")
    status = 404


class SourceNameTaken(BadField):
    code = "source.name_taken"
    field = "name"
    text = _("There is already a source called %(name)s.")
    next_step = _("Choose another name, or renew the token of that source.")


class UnknownSourceStations(BadField):
    code = "source.unknown_stations"
    field = "stations"
    text = _("These stations are not registered: %(codes)s.")
    next_step = _("Register them first, or allow every station with *.")


class UnknownRule(Refusal):
    code = "rule.unknown"
    text = _("There is no shipped rule %(rule_id)s to start from.")
    next_step = _("Choose a rule of the list.")
    status = 422


class BadRuleTable(BadField):
    code = "rule.bad_table"
    field = "table"
    text = _("The numbers of this rule cannot be used: %(why)s")
    next_step = _("Correct the marked field and propose it again.")


class RuleForNobody(BadField):
    code = "rule.unknown_stations"
    field = "scope"
    text = _("These stations are not in use in the area of the rule: %(codes)s.")
    next_step = _("Correct the codes, or choose a wider area.")


class NoReason(BadField):
    code = "rule.no_reason"
    field = "reason"
    text = _("No reason was given.")
    next_step = _("Say in one sentence why; whoever reads the history will ask.")


class OwnRule(Refusal):
    code = "rule.own"
    text = _("Whoever proposed it cannot decide on it.")
    next_step = _("Ask another person with the right to approve rules.")
    status = 403


class RetirementNotAsked(Refusal):
    code = "rule.retirement_not_asked"
    text = _("Nobody has asked that this rule end.")
    next_step = _("Let one person ask with a reason, and another agree.")


class NoSuchCommand(BadField):
    code = "command.unknown"
    field = "command"
    text = _("%(station)s understands no command “%(command)s”.")
    next_step = _("Choose one of the list; it depends on the protocol of the station.")


class BadCommandArguments(BadField):
    code = "command.bad_arguments"
    field = "arguments"
    text = _("These arguments make no command: %(why)s")
    next_step = _("Correct them and send the form again.")


class BadCommandLife(BadField):
    code = "command.bad_life"
    field = "life"
    text = _("A command waits for its station at most seven days.")
    next_step = _("Choose one of the times of the list.")


class SelfRelease(Refusal):
    code = "command.self_release"
    text = _("Whoever asks for a command that changes a station for good cannot release it.")
    next_step = _("A second person with the right to command stations releases it.")
    status = 403


class BadConnectorName(BadField):
    code = "connector.bad_name"
    field = "name"
    text = _("“%(name)s” cannot be the name of a connector or receiver of this kind.")
    next_step = _("Use small letters, digits and hyphens, at most 40, and choose a kind from the list.")


class ConnectorNameTaken(BadField):
    code = "connector.name_taken"
    field = "name"
    text = _("There is already one called %(name)s.")
    next_step = _("Choose another name, or change that one.")


class BadConnectorSecret(BadField):
    code = "connector.bad_secret"
    field = "secret_name"
    text = _("“%(name)s” cannot name a secret.")
    next_step = _(
        "Write a name such as ANLAN_CONNECT_WATER; the secret itself is set on the machine of the gateway."
    )


class BadConnectorSettings(BadField):
    code = "connector.bad_settings"
    field = "settings"
    text = _("The settings cannot be used, line %(line)s: %(why)s")
    next_step = _("Correct that line.")


class BadConnectorMapping(BadField):
    code = "connector.bad_mapping"
    field = "mapping"
    text = _("The mapping cannot be used, line %(line)s: %(why)s")
    next_step = _("Correct that line, then paste a sample to see what it gives.")
