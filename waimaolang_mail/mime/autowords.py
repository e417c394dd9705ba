# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What programs write into the subjects and first lines of their answers and reports,
by language."""

import re

# Said of any answer of a program; begins its subject.
_ANSWER = r"""
    auto(?:matic(?:ally generated)?|mated)?[ :-]*(?:reply|response|respons|answer)
    |auto-?repl|auto-?respon|自动(?:回复|答复|应答|回覆)|自動(?:回覆|回復|答覆|返信|応答|應答)
    |자동\ ?(?:회신|응답|답장)|automatische\ (?:antwort|rückantwort|beantwoording)
    |automatisch\ antwoord|réponse\ automatique|respuesta\ autom[áa]tica
    |resposta\ autom[áa]tica|risposta\ automatica|автоответ|автоматическ\w{1,3}\ ответ
    |автовідповідь|automatyczna\ odpowiedź|odpowiedź\ automatyczna|autoodpowied
    |otomatik\ (?:yanıt|cevap)|autosvar|automatiskt?\ svar|automaattinen\ vastaus
    |automatická\ odpoveď|automatická\ odpověď|automatikus\ válasz|răspuns\ automat
    |trả\ lời\ tự\ động|thư\ trả\ lời\ tự\ động|balasan\ otomatis|jawapan\ automatik
    |ตอบกลับอัตโนมัติ|الرد\ التلقائي|رد\ تلقائي|תגובה\ אוטומטית|מענה\ אוטומטי
    |αυτόματη\ απάντηση
"""
# Said of a person who is away.
_AWAY = r"""
    out\ of\ (?:the\ |my\ )?office|out-of-office|\booo\b|away\ from\ (?:the\ |my\ )?
    (?:office|desk|work)|not\ in\ (?:the\ )?office|on\ (?:\w{1,12}\ ){0,2}(?:vacation
    |leave|holiday)s?|vacation\ (?:reply|response|message|notice)|(?:maternity|parental
    |annual|sick)\ leave|(?:be|am|'m|’m)\ (?:currently\ )?(?:away|travell?ing)\b
    |(?:be|am)\ back\b|return\ to\ (?:the\ |my\ )?(?:office|work|desk)
    |limited\ access\ to\ (?:my\ )?e-?mail|out\ (?:until|till|from)\b
    |(?:office|factory|company)\ (?:is|will\ be)\ closed
    |不在办公室|不在辦公室|外出(?:中|办|期)|我?正?在?(?:休假|出差|度假|休年假)|(?:年|休|婚|产|病)假
    |放假|假期|无法及时(?:回复|处理)|(?:節|节)(?:放|休)假
    |abwesen|nicht\ (?:im|in\ unserem)\ büro|im\ urlaub|außer\ haus|betriebsferien
    |nicht\ erreichbar|absen(?:t|ce)|en\ (?:congés?|vacances)
    |hors\ (?:du|de\ mon)\ bureau
    |fuera\ de\ (?:la\ |mi\ )?oficina|ausen(?:te|cia)|de\ vacaciones
    |fora\ do\ escrit[óo]rio|ausência|de\ f[ée]rias|fuori\ (?:sede|ufficio)
    |assen(?:te|za)
    |in\ ferie|не\ буд\w{1,2}\ (?:в|на)\b|вне\ офиса|отсутств|в\ отпуске
    |отпуск|командировк|відпус
    |不在(?:通知|に|と|の)|休暇|休業|お休み|出張|부재|휴가|출장
    |afwezig|niet\ aanwezig|met\ vakantie|op\ vakantie|poza\ biurem|na\ urlopie
    |nieobecn|ofis\ dışı|ofiste\ değil|izinde(?:yim|\b)|frånvaro|fravær|semester
    |poissa|lomalla|mimo\ kancelář|dovolen|szabadság|concediu|vắng\ mặt|nghỉ\ phép
    |di\ luar\ kantor|cuti\b|חופשה|إجازة|خارج\ المكتب
"""
# Said by ticket systems and mailboxes of companies: a receipt, nobody is away.
_RECEIPT = r"""
    \bticket\b|case\ (?:number|id|\#|no\b)|request\ (?:\#|number|id)|reference\ number
    |(?:have|has\ been|was)\ (?:\w{1,12}\ )?(?:received|registered|created|opened)
    |we\ (?:\w{1,12}\ )?received|thank\ you\ for\ (?:contacting|your\ (?:e-?mail|message
    |inquiry|enquiry|request))|工单|工單|受理|已收到|已经收到|收到您的|尽快(?:给您)?回复|盡快回覆
    |ticketnummer|vorgangsnummer|eingegangen|bien\ reçu|accus[ée]\ de\ réception
    |hemos\ recibido|recibimos|recebemos|abbiamo\ ricevuto|обращени|получили
    |受け付け|受付|접수
"""


def _words(pattern: str, before: str = "", after: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}(?:{pattern}){after}", re.I | re.X)


AUTO_SUBJECT = _words(_ANSWER + "|" + _AWAY)
# As mail programs write it before the subject that they answer.
AUTO_PREFIX = _words(_ANSWER, after=r"\w{0,12}\s?[:：]")
AWAY = _words(_AWAY)
RECEIPT = _words(_RECEIPT)
SAYS_AUTOMATIC = _words(_ANSWER + r"|this\ is\ an\ auto|系统自动")
ANSWERED = re.compile(
    r"\s*(?:re|aw|antw|sv|回复|答复|回覆|答覆|fw|fwd|wg|tr|rv|转发|轉寄|ответ|на|res|ri|r|返信|答)"
    r"\s?(?:\[\d{1,3}\])?\s?[:：]",
    re.I,
)
BOUNCE_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|has failed|fail|incomplete|delay|notification"
    r"|problem|unsuccessful|report)|returned (?:mail|e-?mail|to sender)|failure notice"
    r"|mail delivery|failed (?:mail|message|delivery)|(?:mail|message) system error"
    r"|(?:mail|message|e-?mail) (?:\w{1,12} )?(?:delivery|not delivered|undelivered"
    r"|bounced|returned|rejected|delayed)|(?:could|can)(?:n['o’]?t| not) (?:be )?"
    r"(?:deliver|send|sent)|non[- ]?deliver|delayed mail|still being retried"
    r"|退信|退回|投递(?:失败|延迟)|发送失败|(?:无法|未能?)(?:投递|送达)|無法(?:傳遞|投遞|送達)"
    r"|邮件被退|недоставлен|не (?:может быть )?доставлен|не удалось доставить"
    r"|ошибка доставки|unzustellbar|zustellung|nicht zugestellt|non remis|non distribu"
    r"|échec de (?:la )?(?:remise|livraison|distribution)|no (?:se )?(?:ha |puede )?"
    r"(?:podido )?entrega|error de entrega|devuelto|non recapitabil|mancat[oa] "
    r"(?:recapito|consegna)|não (?:foi )?entregue|falha na entrega|onbestelbaar"
    r"|niedostarczon|teslim edilemedi|kan inte levereras|配信(?:不能|失敗|エラー)"
    r"|送信(?:エラー|失敗)|전송 ?실패|반송|배달되지",
    re.I,
)
