# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a remote folder is for: its role, its readable name, whether to sync it.

Pure functions. Order: flags of RFC 6154 and XLIST, then exact localized names, then
decorated names of which one known word is left. Names count only where providers put
their own folders (top, below INBOX or [Gmail]): a customer's folder that happens to
be called "Spam" somewhere deeper is mail.
"""

import binascii
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from .base import ROLES, RemoteFolder
from .errors import decode_text
from .imapparse import bytes_of_key

FLAG_ROLES = {
    "\\inbox": "inbox",
    "\\sent": "sent",
    "\\archive": "archive",
    "\\all": "all",
    "\\allmail": "all",
    "\\drafts": "drafts",
    "\\junk": "junk",
    "\\spam": "junk",
    "\\trash": "trash",
}

# Names as providers and clients create them, by role. Sources: the folders of QQ and
# Exmail, NetEase, Aliyun, 263, Sina, Feishu; Outlook's, Apple's and Thunderbird's
# localized defaults; the table of imapflow (MIT) for rarer languages.
_NAMES = {
    "inbox": """inbox|收件箱|收件匣|收件夹|posteingang|boîte de réception
        |bandeja de entrada|caixa de entrada|входящие|posta in arrivo|受信トレイ
        |받은 편지함|postvak in|skrzynka odbiorcza|gelen kutusu""",
    "sent": """sent|sent items|sent messages|sent mail|sent-mail|sentmail|sent emails
        |outbox sent|已发送|已发送邮件|已发送消息|已发信息|已发邮件|已发|已发信件
        |发件箱|已发送的邮件|已發送|已發送郵件|寄件備份|寄件備份匣|寄件匣|已傳送
        |已傳送的郵件|已寄出|已寄郵件|gesendet|gesendete|gesendete elemente
        |gesendete objekte|gesendete nachrichten|envoyés|envoyes|éléments envoyés
        |messages envoyés|courrier envoyé|enviados|enviadas|elementos enviados
        |mensajes enviados|correo enviado|enviats|itens enviados|mensagens enviadas
        |e-mails enviados|отправленные|отправленные элементы|исходящие|надіслані
        |inviati|inviata|posta inviata|elementi inviati|messaggi inviati|送信済み
        |送信済みトレイ|送信済みメール|送信済みアイテム|送信済みﾒｰﾙ|보낸 편지함
        |보낸편지함|보낸메일함|보낸 메일함|발신 메시지|verzonden|verzonden items
        |verzonden berichten|wysłane|elementy wysłane|wysłane wiadomości
        |gönderilmiş|gönderilmiş öğeler|gönderilenler|gönderilen|sendt|sendte
        |skickat|skickade|lähetetyt|odeslané|odeslaná pošta|odoslané|elküldött
        |elküldött elemek|trimise|expediate|đã gửi|terkirim|ส่งแล้ว|المرسلة|נשלחו
        |σταλθέντα|изпратени|poslano|poslato""",
    "drafts": """drafts|draft|草稿|草稿箱|草稿夹|草稿匣|entwürfe|entwurf|brouillons
        |brouillon|borradores|borrador|rascunhos|черновики|чернетки|bozze|bozza|下書き
        |임시 보관함|임시보관함|concepten|szkice|kopie robocze|wersje robocze|taslaklar
        |utkast|kladder|luonnokset|koncepty|rozepsané|piszkozatok|vázlatok|ciorne
        |bản nháp|bản thảo|konsep|draf|ฉบับร่าง|مسودات|טיוטות|πρόχειρα|чернови""",
    "junk": """junk|spam|junk mail|junk e-mail|junk email|bulk mail|bulk|垃圾邮件
        |垃圾箱邮件|垃圾信件|广告邮件|病毒文件夹|病毒邮件|垃圾郵件|垃圾信件匣|垃圾電郵
        |spamverdacht|spam-verdacht|junk-e-mail|unerwünscht|unerwünschte werbung
        |courrier indésirable|indésirables|pourriel|correo no deseado|no deseado
        |correo basura|lixo eletrônico|lixo eletrónico|спам|нежелательная почта
        |posta indesiderata|迷惑メール|스팸|스팸메일함|정크 메일|ongewenste e-mail
        |ongewenst|wiadomości-śmieci|niechciane|istenmeyen|istenmeyen e-posta|gereksiz
        |önemsiz|skräppost|søppelpost|roskaposti|nevyžádaná pošta|levélszemét
        |thư rác|הדואר זבל|spamfolder|spam folder""",
    "trash": """trash|bin|deleted|deleted items|deleted messages|deleted mail|已删除
        |已删除邮件|已删除的邮件|废件箱|垃圾箱|回收站|垃圾桶|已刪除|已刪除郵件
        |已刪除的郵件|刪除的郵件|已刪除項目|垃圾筒|papierkorb|gelöscht|gelöschte objekte
        |gelöschte elemente|corbeille|éléments supprimés|messages supprimés|papelera
        |elementos eliminados|eliminados|elementos borrados|lixo|lixeira
        |itens excluídos|itens eliminados|itens apagados|корзина|удаленные|удалённые
        |видалені|cestino|posta eliminata|elementi eliminati|ゴミ箱|ごみ箱
        |削除済みアイテム|削除済み|휴지통|지운 편지함|지운편지함|prullenbak
        |verwijderde items|kosz|elementy usunięte|usunięte wiadomości|çöp kutusu|çöp
        |silinmiş öğeler|silinmiş|papperskorg|borttaget|borttagna objekt
        |slettede elementer|poistetut|koš|odstraněné položky|törölt elemek|thùng rác""",
    "archive": """archive|archives|archived|all archive|归档|归档邮件|存档|封存|典藏
        |archiv|archivieren|archivo|archivados|arquivo|arquivo morto|архив|archivio
        |アーカイブ|보관|보관함|보관 편지함|archief|archiwum|arşiv""",
    "all": """all mail|所有邮件|全部邮件|所有郵件|alle nachrichten|tous les messages
        |todos|todos os e-mails|вся почта|tutti i messaggi|すべてのメール|전체보관함
        |alle e-mails|wszystkie|tüm postalar""",
}

# Exchange lists its other stores as if they held mail; only where the server says
# that it is one, since anybody may call a mail folder "Contacts".
_EXCHANGE_STORES = """calendar|contacts|tasks|notes|journal|sync issues|conversation
    history|rss feeds|rss subscriptions|outbox|conversation action settings|quick step
    settings|suggested contacts|working set|日历|联系人|任务|便笺|日记|同步问题|发件箱
    |对话历史记录|rss 源|rss 订阅|行事曆|連絡人|工作|記事|kalender|kontakte|aufgaben
    |notizen|journal|synchronisierungsprobleme|calendrier|contacts|tâches|calendario
    |contactos|tareas|календарь|контакты|задачи"""

# Words that say nothing about the purpose, in decorated names like "Sent (phone)".
_FILLERS = frozenset(
    "mail mails email emails e item items message messages folder folders box my the"
    " imap pop server local all of 邮件 文件夹 郵件 信件 资料夹".split()
)
_GMAIL_ROOTS = ("[gmail]", "[google mail]")
_PROVIDER_ROOTS = ("inbox", "收件箱", "mail", *_GMAIL_ROOTS)


def _table(text: str) -> frozenset[str]:
    return frozenset(_fold(" ".join(n.split())) for n in text.split("|") if n.strip())


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


ROLE_OF_NAME = {name: role for role, names in _NAMES.items() for name in _table(names)}
EXCHANGE_STORES = _table(_EXCHANGE_STORES)
SYNCED_ROLES = frozenset({"inbox", "sent", "archive", "other"})


def decode_name(key: str) -> str:
    """Modified UTF-7 (RFC 3501 section 5.1.3) to text. Raw UTF-8 or GBK, which some
    servers send, is read; control characters are no part of a name."""
    raw = decode_text(bytes_of_key(key))
    text = re.sub(r"&([A-Za-z0-9+,/=]*)-", _decode_shift, raw)
    return re.sub("[\x00-\x1f\x7f]", "\ufffd", text)


def _decode_shift(match) -> str:
    packed = match[1].rstrip("=")
    if not packed:
        return "&"
    padded = packed.replace(",", "/") + "=" * (-len(packed) % 4)
    try:
        return binascii.a2b_base64(padded).decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match[0]


def role_of(flags: Iterable[str], path: str, delimiter: str) -> str:
    """One of ``base.ROLES``."""
    for flag in flags:
        role = FLAG_ROLES.get(flag.casefold())
        if role:
            return role
    if path.upper() == "INBOX":
        return "inbox"
    parents, leaf = _split(path, delimiter)
    if len(parents) > 1 or (parents and parents[0] not in _PROVIDER_ROOTS):
        return "other"
    role = ROLE_OF_NAME.get(leaf) or _decorated_role(leaf)
    # "INBOX/Inbox" is a user's folder; there is one inbox
    return "other" if not role or (role == "inbox" and parents) else role


def _decorated_role(leaf: str) -> str | None:
    """``[Sent]``, ``Sent (2)``, ``📤 已发送``: one known word left of all."""
    words = set(re.findall(r"[^\W\d_]+", leaf)) - _FILLERS
    role = ROLE_OF_NAME.get(words.pop()) if len(words) == 1 else None
    return None if role == "inbox" else role


def _split(path: str, delimiter: str) -> tuple[list[str], str]:
    parts = path.split(delimiter) if delimiter else [path]
    folded = [_fold(part) for part in parts if part.strip()]
    return (folded[:-1], folded[-1]) if folded else ([], "")


def is_exchange_store(path: str, delimiter: str) -> bool:
    """Calendar, Contacts and the like, with what is below them."""
    parents, leaf = _split(path, delimiter)
    return (parents[0] if parents else leaf) in EXCHANGE_STORES


def folder(
    flags: Iterable[str], delimiter: str, key: str, *, exchange: bool = False
) -> RemoteFolder:
    """The folder that a LIST line tells."""
    flags = {flag.casefold() for flag in flags}
    path = decode_name(key)
    role = role_of(flags, path, delimiter)
    selectable = not flags & {"\\noselect", "\\nonexistent"}
    if any(ord(c) < 32 or ord(c) == 127 for c in key):
        selectable = False  # cannot be named in a command
    if exchange and role == "other" and is_exchange_store(path, delimiter):
        selectable = False  # holds no mail
    return RemoteFolder(key, path, role, selectable)


def parse_names(text: str | None) -> dict[str, str]:
    """A provider's own names of folders, {folded path: role}; of lines like
    "sent = 已发送", others are passed over."""
    names = {}
    for line in (text or "").splitlines():
        role, equals, path = (part.strip() for part in line.partition("="))
        if equals and path and role.casefold() in ROLES:
            names.setdefault(_fold(path), role.casefold())
    return names


def with_names(
    folders: Iterable[RemoteFolder], names: Mapping[str, str]
) -> list[RemoteFolder]:
    """The folders, with the roles that the provider's names give to those which are
    "other" so far: what the server itself says is the better word."""
    folders = list(folders)
    taken = {folder.role for folder in folders}
    return [
        replace(folder, role=role)
        if folder.role == "other"
        and (role := names.get(_fold(folder.path)))
        and not (role == "inbox" and "inbox" in taken)
        else folder
        for folder in folders
    ]


def default_synced(folders: Iterable[RemoteFolder]) -> set[str]:
    """Keys of the folders to sync unless somebody decides otherwise: all but drafts,
    junk, trash and non-selectable ones; on Gmail All Mail alone. Elsewhere ``all`` is
    a view over the other folders (RFC 6154), junk included, and left out. Where All
    Mail is not shown in IMAP the rest is taken, without Gmail's views (Starred...)."""
    folders = [f for f in folders if f.selectable]
    gmail = {f.key for f in folders if _is_gmail(f)}
    everything = {f.key for f in folders if f.role == "all" and f.key in gmail}
    if everything:
        return everything
    return {
        f.key
        for f in folders
        if f.role in SYNCED_ROLES and not (f.role == "other" and f.key in gmail)
    }


def _is_gmail(folder: RemoteFolder) -> bool:
    return folder.path.casefold().startswith(_GMAIL_ROOTS)
