"""German, with Sie."""

from __future__ import annotations

from slotline.domain.catalogue import Language

_PHRASES = {
    # availability
    "offers": "Für {service} habe ich {offers}. Was passt Ihnen?",
    "offers_after_taken": "Dieser Termin ist gerade vergeben worden. Ich kann Ihnen noch {offers} anbieten.",
    "none_day_closed": "Für {when} habe ich nichts, da ist geschlossen. Welcher andere Tag würde Ihnen passen?",
    "none_day_closed_nearest": "Da ist geschlossen, für {when} habe ich nichts. Am nächsten liegt {offers}.",
    "none_staff_away": "{staff} ist dann nicht da, für {when} habe ich nichts. "
    "Welcher andere Tag würde Ihnen passen?",
    "none_staff_away_nearest": "{staff} ist dann nicht da, für {when} habe ich nichts. Am nächsten liegt {offers}.",
    "none_full": "Für {when} ist leider nichts mehr frei. Soll ich an einem anderen Tag nachsehen?",
    "none_full_nearest": "Für {when} ist leider nichts mehr frei. Am nächsten liegt {offers}.",
    "none_too_soon": "Das ist leider zu kurzfristig, für {when} habe ich nichts. Soll ich etwas später nachsehen?",
    "none_too_soon_nearest": "Das ist leider zu kurzfristig. Statt {when} kann ich Ihnen {offers} anbieten.",
    "none_too_far": "So weit im Voraus planen wir noch nicht, für {when} habe ich nichts. "
    "Soll ich etwas früher nachsehen?",
    "none_too_far_nearest": "Für {when} planen wir noch nicht. Ich kann Ihnen {offers} anbieten.",
    "none_past": "Das ist schon vorbei, für {when} kann ich nichts anbieten. Welcher andere Tag würde Ihnen passen?",
    "none_past_nearest": "Das ist schon vorbei. Statt {when} kann ich Ihnen {offers} anbieten.",
    "provider_down": "Ich kann den Kalender gerade nicht einsehen. Soll Sie jemand zurückrufen?",
    "provider_down_transfer": "Ich kann den Kalender gerade nicht einsehen. "
    "Unter {transfer} hilft Ihnen jemand weiter; soll ich Sie verbinden?",
    # holding and making an appointment
    "held": "Ich halte Ihnen {time} einen Moment frei. Soll ich weitermachen?",
    "already_held": "Ich halte Ihnen {time} noch frei. Soll ich weitermachen?",
    "hold_failed": "Ich konnte diese Zeit gerade nicht freihalten. Soll ich es noch einmal versuchen?",
    "expired_hold": "Ich konnte diese Zeit nicht länger freihalten. Soll ich noch einmal nachsehen?",
    "expired_hold_offers": "Ich konnte diese Zeit nicht länger freihalten. Ich kann Ihnen {offers} anbieten.",
    "booked": "Ihr Termin ist gebucht: {time}. Die Einzelheiten schicke ich Ihnen per SMS.",
    "booked_no_text": "Ihr Termin ist gebucht: {time}.",
    "booked_already": "Sie haben schon {time}; es wurde nichts doppelt gebucht.",
    "requested": "Ich habe {time} angefragt; {business} meldet sich dazu per SMS.",
    "requested_no_text": "Ich habe {time} angefragt; {business} meldet sich bei Ihnen.",
    "requested_already": "Ich habe {time} schon angefragt; die Zusage von {business} steht noch aus.",
    "pending": "Ich habe {time} für Sie reserviert und an den Kalender geschickt. "
    "Sie bekommen in wenigen Minuten eine SMS. "
    "Niemand sonst kann die Zeit nehmen.",
    "pending_no_text": "Ich habe {time} für Sie reserviert und an den Kalender geschickt, der noch nicht "
    "geantwortet hat. "
    "Niemand sonst kann die Zeit nehmen.",
    "pending_move": "Ich habe den Kalender gebeten, {old} auf {time} zu ändern. "
    "Sie bekommen in wenigen Minuten eine SMS.",
    "pending_move_no_text": "Ich habe den Kalender gebeten, {old} auf {time} zu ändern; er hat noch nicht geantwortet.",
    "pending_again": "{time} ist weiter für Sie reserviert; der Kalender hat noch nicht geantwortet. "
    "Sie bekommen dann gleich eine SMS.",
    "pending_again_no_text": "{time} ist weiter für Sie reserviert; der Kalender hat noch nicht geantwortet.",
    "taken": "Diese Zeit ist nicht mehr frei. Welche andere Zeit würde Ihnen passen?",
    "taken_offers": "Diese Zeit ist nicht mehr frei. Ich kann Ihnen {offers} anbieten.",
    "not_free": "Diese Zeit ist nicht frei. Welche andere Zeit würde Ihnen passen?",
    "not_free_offers": "Diese Zeit ist nicht frei. Ich kann Ihnen {offers} anbieten.",
    "not_done": "Ich konnte den Kalender nicht erreichen, es ist also nichts geschehen. Soll Sie jemand zurückrufen?",
    "not_done_transfer": "Ich konnte den Kalender nicht erreichen, es ist also nichts geschehen. "
    "Unter {transfer} hilft Ihnen jemand weiter; soll ich Sie verbinden?",
    "unsure": "Bei mir ist etwas schiefgegangen, und ich weiß noch nicht, ob es geklappt hat. "
    "Fragen Sie bitte gleich noch einmal.",
    "unsure_transfer": "Bei mir ist etwas schiefgegangen, und ich weiß noch nicht, ob es geklappt hat. "
    "Fragen Sie bitte gleich noch einmal oder rufen Sie {transfer} an.",
    # changing one
    "moved": "Erledigt: Sie sind jetzt für {time} gebucht statt {old}. Die Einzelheiten schicke ich Ihnen per SMS.",
    "moved_no_text": "Erledigt: Sie sind jetzt für {time} gebucht statt {old}.",
    "move_same": "Ihr Termin ist schon am {time}, es war also nichts zu ändern.",
    "move_taken": "Diese Zeit ist vergeben; Sie haben weiterhin {old}. Welche andere Zeit würde Ihnen passen?",
    "move_taken_offers": "Diese Zeit ist vergeben; Sie haben weiterhin {old}. Ich kann Ihnen {offers} anbieten.",
    "not_changed": "Ich konnte gerade nichts ändern, Ihr Termin bleibt wie er war. Soll Sie jemand zurückrufen?",
    "not_changed_transfer": "Ich konnte gerade nichts ändern, Ihr Termin bleibt wie er war. "
    "Unter {transfer} hilft Ihnen jemand weiter; soll ich Sie verbinden?",
    "cancel_confirm": "Soll ich Ihren Termin am {time} absagen?",
    "cancelled": "Ihr Termin am {time} ist abgesagt.",
    "cancelled_already": "Dieser Termin war schon abgesagt.",
    "cancel_pending": "Ich habe die Absage für {time} losgeschickt; per SMS erfahren Sie, wenn sie erledigt ist.",
    "cancel_pending_no_text": "Ich habe die Absage für {time} losgeschickt; der Kalender hat noch nicht geantwortet.",
    "gone": "Ich sehe diesen Termin nicht mehr im Kalender.",
    "found_one": "Sie haben {appointment}.",
    "found_many": "Sie haben {appointments}. Um welchen Termin geht es?",
    "none_found": "Ich sehe keinen kommenden Termin für Sie.",
    "needs_verification": "Ohne zu wissen, wer anruft, darf ich keine Termine einsehen. "
    "Bitte rufen Sie von der Nummer an, mit der der Termin gemacht wurde.",
    "needs_verification_transfer": "Das darf ich nicht, ohne zu wissen, wer anruft. "
    "Unter {transfer} hilft Ihnen jemand weiter; soll ich Sie verbinden?",
    "code_sent": "Eine SMS mit einem sechsstelligen Code ist an die Nummer unterwegs, von der Sie anrufen. "
    "Bitte lesen Sie mir den Code vor.",
    "code_sent_again": "Dieser Code gilt nicht mehr. Eine SMS mit einem neuen sechsstelligen Code ist an die Nummer "
    "unterwegs, von der Sie anrufen. Bitte lesen Sie ihn mir vor.",
    "code_wrong": "Das ist nicht der Code, den ich geschickt habe. Lesen Sie mir die sechs Ziffern "
    "bitte noch einmal vor?",
    "code_unclear": "Ich brauche alle sechs Ziffern des Codes. Lesen Sie sie mir bitte noch einmal vor?",
    "code_failed": "Auch das war nicht der Code; in diesem Anruf kann ich keine Termine einsehen. "
    "Bitte rufen Sie noch einmal an.",
    "code_failed_transfer": "Auch das war nicht der Code; in diesem Anruf kann ich keine Termine einsehen. "
    "Unter {transfer} hilft man Ihnen weiter; soll ich Sie verbinden?",
    "code_limit": "An diese Nummer kann ich gerade keinen weiteren Code schicken; in diesem Anruf "
    "kann ich deshalb keine "
    "Termine einsehen.",
    "code_limit_transfer": "An diese Nummer kann ich gerade keinen weiteren Code schicken. "
    "Unter {transfer} hilft man Ihnen weiter; soll ich Sie verbinden?",
    "code_unsendable": "Ich müsste einen Code an die Nummer schicken, von der Sie anrufen, und dorthin kann "
    "ich keine SMS "
    "schicken. In diesem Anruf kann ich deshalb keine Termine einsehen.",
    "code_unsendable_transfer": "Ich müsste einen Code an die Nummer schicken, von der Sie anrufen, und "
    "dorthin kann ich keine "
    "SMS schicken. Unter {transfer} hilft man Ihnen weiter; soll ich Sie verbinden?",
    # asking again
    "needs_name": "Auf welchen Namen darf ich den Termin eintragen?",
    "needs_email": "Wie lautet Ihre E-Mail-Adresse?",
    "needs_phone": "Unter welcher Telefonnummer erreichen wir Sie?",
    "needs_field": "Ich brauche noch {field}.",
    "bad_name": "Den Namen habe ich nicht verstanden. Sagen Sie ihn mir bitte noch einmal?",
    "bad_email": "Diese E-Mail-Adresse scheint nicht vollständig zu sein. Können Sie sie mir buchstabieren?",
    "bad_phone": "Diese Telefonnummer kann ich nicht verwenden. Sagen Sie sie mir bitte noch einmal, mit Vorwahl?",
    "clarify_service": "Worum geht es: {services}?",
    "clarify_staff": "Zu wem möchten Sie: {staff}?",
    "clarify_when": "An welchem Tag möchten Sie kommen? Sagen Sie zum Beispiel morgen Vormittag oder nächsten "
    "Dienstag.",
    "clarify_when_two": "Meinen Sie {first} oder {second}?",
    "clarify_past": "Das ist schon vorbei. Welcher Tag wäre Ihnen recht?",
    "clarify_year": "Dieses Datum ist schon vorbei. Meinen Sie {time}?",
    "clarify_gap": "In dieser Nacht wird die Uhr umgestellt, {time} gibt es nicht. "
    "Welche andere Zeit würde Ihnen passen?",
    "clarify_time": "Um wie viel Uhr möchten Sie kommen? Sagen Sie bitte dazu, ob vormittags oder nachmittags.",
    "clarify_time_two": "Meinen Sie {first} oder {second}?",
    "clarify_slot": "Welche der angebotenen Zeiten möchten Sie?",
    "clarify_appointment": "Welchen Termin meinen Sie: {appointments}?",
    "clarify_request": "Da hat sich gerade etwas geändert. Sagen Sie mir bitte noch einmal, was Sie möchten?",
    "clarify_arguments": "Ich habe {field} nicht verstanden. Sagen Sie es mir bitte noch einmal?",
    # text messages
    "sms_sent": "Ich habe die Einzelheiten per SMS an die Nummer mit den Endziffern {phone} geschickt.",
    "sms_refused_opted_out": "Diese Nummer möchte keine SMS von uns bekommen, deshalb habe ich keine geschickt.",
    "sms_refused_no_phone": "Ich habe keine Nummer für eine SMS. Welche darf ich nehmen?",
    "sms_refused_bad_phone": "An diese Nummer kann ich keine SMS schicken. Welche andere darf ich nehmen?",
    "sms_refused_limit": "Diese SMS habe ich schon geschickt, deshalb schicke ich im Moment keine weitere.",
    "sms_refused_no_booking": "Ich sehe keinen Termin, zu dem ich Ihnen schreiben könnte.",
    "sms_refused_foreign": "Ich kann nur an Nummern in diesem Land SMS schicken.",
    "sms_refused_not_configured": "Von hier aus kann ich keine SMS schicken, aber ich sage Ihnen die Einzelheiten "
    "gern noch einmal.",
}  # fmt: skip

_FIELDS = {
    "name": "Ihren Namen", "email": "Ihre E-Mail-Adresse", "phone": "Ihre Telefonnummer", "notes": "die Notiz",
    "service": "den Anlass", "when": "den Tag", "date": "das Datum", "time": "die Uhrzeit", "slot_id": "die Uhrzeit",
    "after": "die Uhrzeit", "part_of_day": "die Tageszeit", "staff": "den Namen der Person", "more": "das",
    "appointment": "den gemeinten Termin", "code": "den Code", "confirm": "Ihre Antwort",
}  # fmt: skip

LANGUAGE = Language(
    appointment="{service} am {time}",
    appointment_with="{service} bei {staff} am {time}",
    moment_with="{time} bei {staff}",
    appointment_unsettled="{appointment}, noch nicht bestätigt",
    phrases=_PHRASES,
    fields=_FIELDS,
    at="um {}".format,
    again="um {}".format,
    joiners={"or": " oder ", "and": " und "},
    last_joiners={"or": " oder ", "and": " und "},
    others={"or": "etwas anderes", "and": "weitere"},
)
