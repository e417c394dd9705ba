# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Why a mail was not delivered: from a server's words and codes to one of six causes.

Words come before codes: servers answer 5.1.1 to mail that they take for spam, 5.7.1 to
unknown users and 5.0.0 to everything. What stands in host names, addresses and links
says nothing ("mx.antispam.example said: user unknown"), but for the names of block
lists.
"""

import re
from functools import lru_cache

UNKNOWN, FULL, BLOCKED = "unknown", "full", "blocked"
POLICY, NETWORK, OTHER = "policy", "network", "other"
MAX_DIAGNOSTIC = 500
MAX_TEXT = 1000

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.#:/-])([45]\d\d)(?=[ \-#:;,]|\Z)")
_TYPE = re.compile(r"\s*(?:smtp|x-[\w-]{1,30}|x\.?400|dns|rfc822)\s*;\s*", re.I)
_NOT_WORDS = re.compile(
    r"\S{0,200}@\S{0,200}|https?://\S{0,500}"
    r"|[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\.?(?:\[[0-9a-fA-F.:]{3,45}\])?"
)
_SPACES = re.compile(r"\s+")

# -- on the words as they stand --------------------------------------------------
_RAW = (
    # Exchange's own names look like host names
    (
        UNKNOWN,
        r"recipientnotfound|recipnotfound|resolver\.adr\.(?:exrecip|invalid|bad)"
        r"|dns\.nonexistentdomain|p=nosuchuser",
    ),
    (FULL, r"quotaexceeded|storedrv\.deliver\.exception:quota|mailboxfull"),
    (POLICY, r"resolver\.rst\.|smtpsend\.\w*\.?oversize|rst\.(?:auth|recipsize)"),
    (
        NETWORK,
        r"queue\.expired|hops exceeded|routing\.loop|host not found|name service error"
        r"|requests to connect",
    ),
    (
        BLOCKED,
        r"spamhaus|spamcop|barracudacentral|\bsorbs\b|surbl|uceprotect|dnsbl|\brbl\b"
        # NetEase's classes: content, sender's and host's reputation
        r"|\b(?:dt|mi):spm?b?\b|\b(?:hl|mi|rp|ib|im):[a-z]{3}\b",
    ),
)
# -- on the words without names and links, first hit counts ------------------------
_WORDS = (
    # of ours, not of theirs
    (POLICY, r"sending quota|send(?:ing)? limit|发信数超|发送.{0,6}超.{0,4}限"),
    (
        FULL,
        r"over ?(?:(?:its|the|their|disk) )?quota|quota (?:has been )?(?:exceed|full)"
        r"|exceed\w*.{0,40}\bquota"
        r"|(?:mailbox|inbox|account|recipient|user|storage|maildir|mail ?drop)"
        r"\S{0,2}(?: is| has)?(?: \w{1,10}){0,3} (?:full|over ?quota)\b"
        r"|\bfull mailbox|insufficient (?:\w{1,10} )?(?:storage|space)|out of storage"
        r"|(?:not enough|no) (?:\w{1,10} )?(?:storage|disk|mailbox|free) ?space"
        r"|disk quota|hard limit for user|mailbox size limit|storage (?:limit|full)"
        r"|exceed\w*.{0,30}(?:storage|mailbox) (?:limit|allocation|size)"
        r"|空间不足|空间已满|容量(?:已|不|超)|容量满|郵箱.{0,6}滿|邮箱.{0,6}满"
        r"|空間不[足够夠]|超出.{0,6}(?:邮箱)?容量|postfach.{0,20}voll"
        r"|bo[iî]te.{0,50}pleine|buz[oó]n.{0,50}llen[oa]|casella.{0,20}piena"
        r"|переполнен|превышен.{0,20}(?:квот|размер.{0,10}ящика)|квот[аы]",
    ),
    (
        BLOCKED,
        r"\bspam|\bspf\b|\bdkim\b|\bdmarc\b|black ?-?list|block ?-?list|blocklist"
        r"|deny ?-?list|unsolicited|bulk mail|\bjunk|reputation|suppression list"
        r"|unauthenticated (?:e-?)?mail|not authenticated|sender ?id"
        r"|suspicio|suspected|phishing|frequency limited|too many (?:complaint|spam)"
        r"|unexpected volume|user complaints|rate ?-?limit|throttl"
        r"|\bip\b.{0,60}(?:banned|blocked|listed|rejected|denied|forbidden)"
        r"|(?:client|sender|sending|your) (?:host|ip|server|address|domain|network)"
        r".{0,60}(?:banned|blocked|listed|rejected|denied|not accepted)"
        r"|access denied.{0,20}(?:bad|poor)|reverse dns|\bptr\b|no rdns"
        r"|blocked (?:by|due|for|using|because)|has been blocked|was blocked by"
        r"|垃圾邮件|垃圾郵件|黑名单|黑名單|反垃圾|拦截|攔截|信誉|频率|频繁|спам"
        r"|ч[её]рн\w+ спис",
    ),
    (
        UNKNOWN,
        r"user.{0,20}unknown|unknown (?:\w{1,12} )?(?:user|recipient|address|mailbox"
        r"|account|local|e-?mail)|addressee unknown|recipient.{0,12}unknown"
        r"|address (?:is )?unknown"
        r"|no such (?:\w{1,12} ){0,2}(?:user|recipient|address|mailbox|person|account"
        r"|domain|mail ?drop|here)|no (?:mailbox|user|account)s? (?:here|by|with|found)"
        r"|(?:does|do|did|is|has|was)(?: not|n['’]?t) (?:\w{1,12} ){0,3}(?:exist|found"
        r"|have a|a valid|valid|an? active|listed in)|not exists?\b|doesn exist"
        r"|(?:user|mailbox|recipient|account|address|domain(?: name)?).{0,40}"
        r"(?:not found|not exist|not known)|no mail ?box|wasn['’]?t found"
        r"|invalid (?:\w{1,12} )?(?:recipient|mailbox|address|user|account|rcpt|domain)"
        r"|(?:recipient|address|mailbox|user) (?:\w{1,12} )?(?:is )?invalid"
        r"|bad (?:destination|recipient|address)|illegal alias|unrouteable address"
        r"|not listed in (?:\w{1,12} )?(?:directory|address)|public name & address"
        r"|(?:account|mailbox|user|address)\S{0,2}(?: \w{1,12}){0,4} (?:disabled"
        r"|inactive"
        r"|closed|suspended|deactivated|discontinued|expired|terminated)"
        r"|disabled (?:recipient|user|mailbox|account)|not (?:a )?(?:our"
        r"|local) customer"
        r"|(?:recipient )?address rejected: access denied|undeliverable address"
        r"|mailbox (?:is )?(?:currently )?(?:unavailable|not available)"
        r"|unavailable mail ?(?:user|box)|no longer (?:\w{1,12} ){0,3}(?:valid|active"
        r"|exist|in use|with|accept|work)|domain name not found|nonexistent domain"
        r"|host(?:name)? or domain does not exist|nxdomain|recipient rejected"
        r"|(?:address|rcpt) rejected\b|isn['’]?t (?:a )?(?:valid|known)"
        r"|不存在|无此用户|無此用戶|没有该用户|查无此|用户未找到|收件人.{0,10}(?:错误"
        r"|無效|无效|有误)"
        r"|地址.{0,6}(?:错误|无效|有误|無效)|已停用|已禁用|被冻结|未开通|帳號停用"
        r"|unbekannt|existiert nicht|nicht gefunden|ungültige adresse|inconnu"
        r"|n['’]existe pas|introuvable|no existe|desconocid|non esiste|sconosciut"
        r"|não existe|inexistente|не существует|не найден|неизвестн|nie istnieje"
        r"|存在しません|見つかりません|없는 (?:사용자|메일)|존재하지",
    ),
    (
        POLICY,
        r"too (?:large|big|long)|(?:message|mail) ?size|size limit|exceed\w*.{0,40}"
        r"(?:size|limit|maximum)|larger than|oversize|maximum (?:message|size|number)"
        r"|relay(?:ing)? (?:access )?(?:is )?(?:denied|not|prohibited|forbidden)"
        r"|unable to relay|not (?:permitted|allowed|authori[sz]ed|accept(?:ed|ing)?)\b"
        r"|permission|restrict|prohibit|forbidden|polic(?:y|ies)|content (?:was )?"
        r"(?:reject|denied|refus)|content reject|virus|malware|infected|attachment"
        r"|file ?(?:type|name)|banned|administrative|access denied|authentication"
        r"|too many recipients|recipient limit|limits? the number|denied|refused by"
        r"|message (?:was |has been )?(?:reject|refus|content)|blocked|rejected"
        r"|转发.{0,4}拒绝|太大|过大|过长|超过.{0,12}(?:限制|大小)|大小.{0,6}超|附件"
        r"|病毒"
        r"|敏感|内容.{0,10}(?:拒|违|不)|策略|不允许|拒收|拒绝|拒絕|白名单|权限|禁止"
        r"|zu groß|trop volumineux|demasiado grande|слишком (?:большо|велик)"
        r"|отклонен|запрещен|abgelehnt|refusé|rechazad",
    ),
    (
        NETWORK,
        r"host (?:or domain )?(?:name )?(?:was )?(?:unknown|not found)|name server"
        r"|\bdns\b"
        r"|name service|no such host|no mx|mx (?:record|lookup|or a)|time(?:d)? ?-?out"
        r"|connection (?:\w{1,12} )?(?:refused|reset|closed|lost|dropped|failed|died)"
        r"|(?:un|not )reachable|no route|(?:could|can) ?n['o]?t (?:\w{1,12} )?connect"
        r"|unable to (?:\w{1,12} )?connect|wasn['’]?t able to establish"
        r"|couldn['’]?t (?:find any host|establish)|lost connection|connect to"
        r"|too many hops|hop count|mail loop|loops? back|\btls\b|\bssl\b|handshake"
        r"|service (?:is )?(?:currently )?(?:not available|unavailable)|greylist"
        r"|server (?:\w{1,12} ){0,3}(?:busy|unavailable|not respond)|not respond"
        r"|temporar|try again|message expired|retry timeout|undelivered after"
        r"|连接.{0,8}(?:失败|超时|断开|拒绝)|超时|域名解析|网络|無法連接|无法连接"
        r"|服务器.{0,6}繁忙"
        r"|zeitüberschreitung|délai|tiempo de espera|не отвечает|истекло",
    ),
)
_RAW_RULES = [(cause, re.compile(words, re.I)) for cause, words in _RAW]
_RULES = [(cause, re.compile(words, re.I)) for cause, words in _WORDS]

# RFC 3463 and IANA's registry; by detail, else by subject.
_BY_STATUS = {
    "1.0": UNKNOWN, "1.1": UNKNOWN, "1.2": UNKNOWN, "1.3": UNKNOWN, "1.4": UNKNOWN,
    "1.6": UNKNOWN, "1.10": UNKNOWN, "1.7": POLICY, "1.8": POLICY, "1": UNKNOWN,
    "2.0": OTHER, "2.1": UNKNOWN, "2.2": FULL, "2.3": POLICY, "2.4": OTHER,
    "3.4": POLICY, "3.1": FULL, "3": OTHER,
    "4": NETWORK, "5": OTHER, "6": POLICY,
    "7.20": BLOCKED, "7.21": BLOCKED, "7.22": BLOCKED, "7.23": BLOCKED,
    "7.24": BLOCKED, "7.25": BLOCKED, "7.26": BLOCKED, "7.27": BLOCKED,
    "7.509": BLOCKED, "7.515": BLOCKED, "7.606": BLOCKED, "7.511": BLOCKED,
    "7.512": BLOCKED, "7": POLICY,
}  # fmt: skip
_BY_CODE = {"452": FULL, "552": POLICY, "421": NETWORK, "551": POLICY}


def find_status(text: str) -> str:
    match = _STATUS.search(text)
    return match[1] if match else ""


def find_code(text: str) -> str:
    """The reply code (RFC 5321 4.2), "" where there is none."""
    match = _CODE.search(text)
    return match[1] if match else ""


def choose_status(declared: str, diagnostic: str) -> str:
    """x.0.0 says nothing (RFC 3463 3.1): what the server said in its words does."""
    declared = find_status(declared)
    said = find_status(diagnostic)
    if said[:1] in ("4", "5") and (not declared or declared.endswith(".0.0")):
        return said
    return declared or said


def find_cause(status: str, *texts: str) -> str:
    """``texts``: the server's words first, then what the report says around them.
    Those of the first that tells anything count, before the codes."""
    told = ""
    for text in texts:
        told = told or _by_words(text[:MAX_TEXT])
    if told:
        return told
    by_status = _by_status(status)
    if by_status and by_status != OTHER:
        return by_status
    code = next(filter(None, map(find_code, texts)), "")
    return _BY_CODE.get(code) or by_status or OTHER


@lru_cache(maxsize=64)  # a report repeats itself for each recipient
def _by_words(text: str) -> str:
    if not text:
        return ""
    for cause, rule in _RAW_RULES:
        if rule.search(text):
            return cause
    text = _NOT_WORDS.sub(" ", text)
    for cause, rule in _RULES:
        if rule.search(text):
            return cause
    return ""


def _by_status(status: str) -> str:
    if status.count(".") != 2:
        return ""
    _class, subject, detail = status.split(".")
    return _BY_STATUS.get(f"{subject}.{detail}") or _BY_STATUS.get(subject, "")


def is_hard(cause: str, status: str, diagnostic: str) -> bool:
    """Permanent by the server's code, and not a mailbox that will be emptied."""
    if cause == FULL:
        return False
    kind = status[:1] or find_code(diagnostic)[:1]
    if kind in ("4", "5"):
        return kind == "5"
    return cause in (UNKNOWN, POLICY)


def clean_diagnostic(text: str) -> str:
    """On one line, without the type in front and the codes that a reply of several
    lines repeats."""
    text = _SPACES.sub(" ", text[:4000]).strip()
    if match := _TYPE.match(text):
        text = text[match.end() :]
    if match := re.match(r"(\d{3})[ -]#?(\d\.\d{1,3}\.\d{1,3})[ -]", text):
        code, status = re.escape(match[1]), re.escape(match[2])
        again = re.compile(rf" {code}[ -]#?{status}(?= |\Z)")
        text = text[: match.end()] + again.sub("", text[match.end() :])
    if len(text) > MAX_DIAGNOSTIC:
        text = text[: MAX_DIAGNOSTIC - 1] + "…"
    return text
