"""French, with vous."""

from __future__ import annotations

from slotline.domain.catalogue import Language

_PHRASES = {
    # availability
    "offers": "Pour {service}, j'ai {offers}. Qu'est-ce qui vous convient ?",
    "offers_after_taken": "Ce créneau vient d'être pris. Je peux encore vous proposer {offers}.",
    "none_day_closed": "Je n'ai rien pour {when}, c'est fermé. Quel autre jour vous conviendrait ?",
    "none_day_closed_nearest": "C'est fermé, je n'ai rien pour {when}. Le plus proche est {offers}.",
    "none_staff_away": "{staff} n'est pas là, je n'ai rien pour {when}. Quel autre jour vous conviendrait ?",
    "none_staff_away_nearest": "{staff} n'est pas là, je n'ai rien pour {when}. Le plus proche est {offers}.",
    "none_full": "Je n'ai plus rien de libre pour {when}. Voulez-vous que je regarde un autre jour ?",
    "none_full_nearest": "Je n'ai plus rien de libre pour {when}. Le plus proche est {offers}.",
    "none_too_soon": "C'est un délai trop court pour nous, je n'ai rien pour {when}. "
    "Voulez-vous que je regarde un peu plus tard ?",
    "none_too_soon_nearest": "Pour {when}, c'est un délai trop court pour nous. Je peux vous proposer {offers}.",
    "none_too_far": "Nous ne prévoyons pas encore aussi loin, je n'ai rien pour {when}. "
    "Voulez-vous que je regarde plus tôt ?",
    "none_too_far_nearest": "Nous ne prévoyons encore rien pour {when}. Je peux vous proposer {offers}.",
    "none_past": "C'est déjà passé : je ne peux rien proposer pour {when}. Quel autre jour vous conviendrait ?",
    "none_past_nearest": "C'est déjà passé : rien pour {when}. Je peux vous proposer {offers}.",
    "provider_down": "Je ne peux pas consulter l'agenda pour le moment. Souhaitez-vous que l'on vous rappelle ?",
    "provider_down_transfer": "Je ne peux pas consulter l'agenda pour le moment. "
    "Quelqu'un peut vous aider au {transfer} ; je vous le passe ?",
    # holding and making an appointment
    "held": "Je vous garde un instant {time}. Je continue ?",
    "already_held": "Je vous garde toujours {time}. Je continue ?",
    "hold_failed": "Je n'ai pas pu vous garder cet horaire. Voulez-vous que je réessaie ?",
    "expired_hold": "Je n'ai pas pu vous garder cet horaire plus longtemps. Voulez-vous que je regarde à nouveau ?",
    "expired_hold_offers": "Je n'ai pas pu vous garder cet horaire plus longtemps. Je peux vous proposer {offers}.",
    "booked": "Votre rendez-vous est réservé : {time}. Je vous envoie les détails par SMS.",
    "booked_no_text": "Votre rendez-vous est réservé : {time}.",
    "booked_already": "Vous avez déjà {time} ; rien n'a été réservé deux fois.",
    "requested": "J'ai demandé {time} ; {business} vous répondra par SMS.",
    "requested_no_text": "J'ai demandé {time} ; {business} reviendra vers vous.",
    "requested_already": "J'ai déjà demandé {time} ; {business} doit encore donner son accord.",
    "pending": "J'ai mis de côté {time} et l'ai transmis à l'agenda. Vous recevrez un SMS d'ici quelques minutes. "
    "Personne d'autre ne peut le prendre.",
    "pending_no_text": "J'ai mis de côté {time} et l'ai transmis à l'agenda, qui n'a pas encore répondu. "
    "Personne d'autre ne peut le prendre.",
    "pending_move": "J'ai demandé à l'agenda de remplacer {old} par {time}. "
    "Vous recevrez un SMS d'ici quelques minutes.",
    "pending_move_no_text": "J'ai demandé à l'agenda de remplacer {old} par {time} ; il n'a pas encore répondu.",
    "pending_again": "Je vous garde toujours {time} ; l'agenda n'a pas encore répondu. "
    "Vous recevrez un SMS dès que ce sera fait.",
    "pending_again_no_text": "Je vous garde toujours {time} ; l'agenda n'a pas encore répondu.",
    "taken": "Cet horaire n'est plus libre. Quel autre horaire vous conviendrait ?",
    "taken_offers": "Cet horaire n'est plus libre. Je peux vous proposer {offers}.",
    "not_free": "Cet horaire n'est pas libre. Quel autre horaire vous conviendrait ?",
    "not_free_offers": "Cet horaire n'est pas libre. Je peux vous proposer {offers}.",
    "not_done": "Je n'ai pas pu joindre l'agenda, donc rien n'a été fait. Souhaitez-vous que l'on vous rappelle ?",
    "not_done_transfer": "Je n'ai pas pu joindre l'agenda, donc rien n'a été fait. "
    "Quelqu'un peut vous aider au {transfer} ; je vous le passe ?",
    "unsure": "Un problème est survenu de mon côté, et je ne sais pas encore si c'est fait. "
    "Redemandez-moi dans un instant.",
    "unsure_transfer": "Un problème est survenu de mon côté, et je ne sais pas encore si c'est fait. "
    "Redemandez-moi dans un instant ou appelez le {transfer}.",
    # changing one
    "moved": "C'est fait : votre rendez-vous est réservé pour {time} au lieu de {old}. "
    "Je vous envoie les détails par SMS.",
    "moved_no_text": "C'est fait : votre rendez-vous est réservé pour {time} au lieu de {old}.",
    "move_same": "Votre rendez-vous est déjà le {time}, il n'y avait donc rien à changer.",
    "move_taken": "Cet horaire est pris ; vous gardez {old}. Quel autre horaire vous conviendrait ?",
    "move_taken_offers": "Cet horaire est pris ; vous gardez {old}. Je peux vous proposer {offers}.",
    "not_changed": "Je n'ai rien pu changer pour le moment, votre rendez-vous reste tel quel. "
    "Souhaitez-vous que l'on vous rappelle ?",
    "not_changed_transfer": "Je n'ai rien pu changer pour le moment, votre rendez-vous reste tel quel. "
    "Quelqu'un peut vous aider au {transfer} ; je vous le passe ?",
    "cancel_confirm": "Dois-je annuler votre rendez-vous du {time} ?",
    "cancelled": "Votre rendez-vous du {time} est annulé.",
    "cancelled_already": "Ce rendez-vous était déjà annulé.",
    "cancel_pending": "J'ai demandé l'annulation du {time} ; le SMS vous dira quand ce sera fait.",
    "cancel_pending_no_text": "J'ai demandé l'annulation du {time} ; l'agenda n'a pas encore répondu.",
    "gone": "Je ne vois plus ce rendez-vous dans l'agenda.",
    "found_one": "Vous avez {appointment}.",
    "found_many": "Vous avez {appointments}. Duquel s'agit-il ?",
    "none_found": "Je ne vois pas de rendez-vous à venir pour vous.",
    "needs_verification": "Je ne peux pas consulter de rendez-vous sans savoir qui appelle. "
    "Merci d'appeler depuis le numéro avec lequel il a été pris.",
    "needs_verification_transfer": "Je ne peux pas le faire sans savoir qui appelle. "
    "Quelqu'un peut vous aider au {transfer} ; je vous le passe ?",
    "code_sent": "Un SMS avec un code à six chiffres part vers le numéro depuis lequel vous appelez. "
    "Lisez-moi ce code, s'il vous plaît.",
    "code_sent_again": "Ce code n'est plus valable. Un SMS avec un nouveau code à six chiffres part "
    "vers le numéro depuis "
    "lequel vous appelez. Lisez-le-moi, s'il vous plaît.",
    "code_wrong": "Ce n'est pas le code que j'ai envoyé. Pouvez-vous me relire les six chiffres ?",
    "code_unclear": "Il me faut les six chiffres du code. Pouvez-vous me les relire ?",
    "code_failed": "Ce n'était pas le code non plus ; je ne peux pas consulter de rendez-vous pendant cet appel. "
    "Merci de nous rappeler.",
    "code_failed_transfer": "Ce n'était pas le code non plus ; je ne peux pas consulter de "
    "rendez-vous pendant cet appel. "
    "On peut vous aider au {transfer} ; je vous mets en relation ?",
    "code_limit": "Je ne peux pas envoyer d'autre code à ce numéro pour l'instant ; je ne peux donc pas consulter de "
    "rendez-vous pendant cet appel.",
    "code_limit_transfer": "Je ne peux pas envoyer d'autre code à ce numéro pour l'instant. "
    "On peut vous aider au {transfer} ; je vous mets en relation ?",
    "code_unsendable": "Il me faudrait envoyer un code au numéro depuis lequel vous appelez, et je ne "
    "peux pas y envoyer de "
    "SMS. Je ne peux donc pas consulter de rendez-vous pendant cet appel.",
    "code_unsendable_transfer": "Il me faudrait envoyer un code au numéro depuis lequel vous appelez, et je "
    "ne peux pas y "
    "envoyer de SMS. On peut vous aider au {transfer} ; je vous mets en relation ?",
    # asking again
    "needs_name": "À quel nom dois-je le mettre ?",
    "needs_email": "Quelle est votre adresse e-mail ?",
    "needs_phone": "Quel est votre numéro de téléphone ?",
    "needs_field": "Il me faut encore {field}.",
    "bad_name": "Je n'ai pas bien compris le nom. Pouvez-vous le répéter ?",
    "bad_email": "Cette adresse e-mail ne semble pas complète. Pouvez-vous me l'épeler ?",
    "bad_phone": "Ce numéro de téléphone ne semble pas utilisable. Pouvez-vous le répéter, avec l'indicatif ?",
    "clarify_service": "C'est pour quoi : {services} ?",
    "clarify_staff": "Avec qui souhaitez-vous le rendez-vous : {staff} ?",
    "clarify_when": "Quel jour souhaitez-vous ? Vous pouvez dire, par exemple, demain matin ou mardi prochain.",
    "clarify_when_two": "Voulez-vous dire {first} ou {second} ?",
    "clarify_past": "C'est déjà passé. Quel jour souhaitez-vous ?",
    "clarify_year": "Cette date est déjà passée. Voulez-vous dire {time} ?",
    "clarify_gap": "Cette nuit-là, on change d'heure et {time} n'existe pas. Quel autre horaire vous conviendrait ?",
    "clarify_time": "À quelle heure souhaitez-vous venir ? Précisez s'il vous plaît si c'est le matin ou l'après-midi.",
    "clarify_time_two": "Voulez-vous dire {first} ou {second} ?",
    "clarify_slot": "Lequel des horaires proposés souhaitez-vous ?",
    "clarify_appointment": "De quel rendez-vous parlez-vous : {appointments} ?",
    "clarify_request": "Quelque chose a changé entre-temps. Pouvez-vous me redire ce que vous souhaitez ?",
    "clarify_arguments": "Je n'ai pas compris {field}. Pouvez-vous le répéter ?",
    # text messages
    "sms_sent": "J'ai envoyé un SMS avec les détails au numéro qui se termine par {phone}.",
    "sms_refused_opted_out": "Ce numéro a demandé à ne plus recevoir nos SMS, je n'en ai donc pas envoyé.",
    "sms_refused_no_phone": "Je n'ai pas de numéro pour le SMS. Lequel puis-je utiliser ?",
    "sms_refused_bad_phone": "Je ne peux pas envoyer de SMS à ce numéro. Quel autre puis-je utiliser ?",
    "sms_refused_limit": "J'ai déjà envoyé ce SMS, je n'en envoie donc pas d'autre pour le moment.",
    "sms_refused_no_booking": "Je ne vois pas de rendez-vous au sujet duquel vous écrire.",
    "sms_refused_foreign": "Je ne peux envoyer de SMS qu'aux numéros de ce pays.",
    "sms_refused_not_configured": "Je ne peux pas envoyer de SMS d'ici, mais je peux vous redonner les détails.",
}  # fmt: skip

_FIELDS = {
    "name": "votre nom", "email": "votre adresse e-mail", "phone": "votre numéro de téléphone", "notes": "la note",
    "service": "le motif", "when": "le jour", "date": "la date", "time": "l'heure", "slot_id": "l'heure",
    "after": "l'heure", "part_of_day": "le moment de la journée", "staff": "avec qui", "more": "cela",
    "appointment": "de quel rendez-vous il s'agit", "code": "le code", "confirm": "votre réponse",
}  # fmt: skip

LANGUAGE = Language(
    appointment="{service} le {time}",
    appointment_with="{service} avec {staff} le {time}",
    moment_with="{time} avec {staff}",
    appointment_unsettled="{appointment}, pas encore confirmé",
    phrases=_PHRASES,
    fields=_FIELDS,
    at="à {}".format,
    again="à {}".format,
    joiners={"or": " ou ", "and": " et "},
    last_joiners={"or": " ou ", "and": " et "},
    others={"or": "autre chose", "and": "d'autres"},
)
