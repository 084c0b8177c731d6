from django.apps import AppConfig


class DisseminationConfig(AppConfig):
    name = "anlan.dissemination"
    label = "dissemination"
    verbose_name = "Dissemination"

    def ready(self) -> None:
        from anlan.dissemination import clocksteps, deadlines, imports  # noqa: F401
        from anlan.dissemination.channels import (  # noqa: F401  # noqa: F401  (outlets: everything that is no person)
            android,
            cmpp,
            dingtalk,
            display,
            feishu,
            hand,
            loudspeaker,
            partner,
            phone,
            portal,
            sip,
            siren,
            smpp,
            sms_voice,
            smtp,
            video,
            wecom,
        )
        from anlan.dissemination.ladders import presets
        from anlan.dissemination.ladders.county import shipped_assignments

        presets()  # a ladder that cannot be used stops the start
        shipped_assignments()
