# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The quoted history under a reply, in the style of each client."""

from __future__ import annotations

from datetime import timedelta, timezone
from html import escape

# From, Sent, To, Cc, Subject as the client's language labels them
LABELS = {
    "en": ("From", "Sent", "To", "Cc", "Subject"),
    "de": ("Von", "Gesendet", "An", "Cc", "Betreff"),
    "es": ("De", "Enviado el", "Para", "CC", "Asunto"),
    "fr": ("De", "Envoyé", "À", "Cc", "Objet"),
    "pt": ("De", "Enviada em", "Para", "Cc", "Assunto"),
    "ru": ("От", "Отправлено", "Кому", "Копия", "Тема"),
    "zh": ("发件人", "发送时间", "收件人", "抄送", "主题"),
    "zt": ("寄件者", "寄件日期", "收件者", "副本", "主旨"),
}
MONTHS = {
    "en": "January February March April May June July August September October "
    "November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober "
    "November Dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
    "noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre "
    "novembre décembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro "
    "novembro dezembro",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября "
    "ноября декабря",
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado "
    "domingo",
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье",
}
ZH_DAYS = "一二三四五六日"


def local(mail, reader):
    """The date of a mail as the reader's clock shows it."""
    return mail.date.astimezone(timezone(timedelta(hours=reader.tz)))


def long_date(when, ui):
    """A date as Outlook writes it into the quote's head."""
    if ui == "zh":
        return f"{when:%Y}年{when.month}月{when.day}日 {when:%H:%M}"
    if ui == "zt":
        return f"{when:%Y}年{when.month}月{when.day}日 {when:%H:%M}"
    day = DAYS[ui].split()[when.weekday()]
    month = MONTHS[ui].split()[when.month - 1]
    if ui == "en":
        hour = when.hour % 12 or 12
        half = "PM" if when.hour > 11 else "AM"
        return f"{day}, {month} {when.day}, {when.year} {hour}:{when:%M} {half}"
    if ui in ("es", "pt"):
        return f"{day}, {when.day} de {month} de {when.year} {when:%H:%M}"
    dot = "." if ui == "de" else ""
    return f"{day}, {when.day}{dot} {month} {when.year} {when:%H:%M}"


def intro(mail, reader, ui):
    """'On ... wrote:' of Gmail and its like, in the client's language."""
    when = local(mail, reader)
    who = f"{mail.sender.name} <{mail.sender.email}>"
    if ui == "zh":
        day = ZH_DAYS[when.weekday()]
        date = f"{when:%Y}年{when.month}月{when.day}日周{day} {when:%H:%M}"
        return f"{who} 于{date}写道："
    if ui == "zt":
        day = ZH_DAYS[when.weekday()]
        date = f"{when:%Y}年{when.month}月{when.day}日 週{day} {when:%H:%M}"
        return f"{who} 於 {date} 寫道："
    if ui == "es":
        day, month = DAYS[ui].split()[when.weekday()][:3], MONTHS[ui].split()
        date = f"{day}, {when.day} {month[when.month - 1][:3]} {when.year}"
        return f"El {date} a las {when:%H:%M}, {who} escribió:"
    if ui == "ru":
        month = MONTHS[ui].split()[when.month - 1][:3]
        date = f"{when.day} {month}. {when:%Y г., %H:%M}"
        return f"{date}, {who}:"
    hour = when.hour % 12 or 12
    half = "PM" if when.hour > 11 else "AM"
    month = MONTHS["en"].split()[when.month - 1][:3]
    day = DAYS["en"].split()[when.weekday()][:3]
    date = f"{day}, {month} {when.day}, {when.year} at {hour}:{when:%M} {half}"
    return f"On {date} {who} wrote:"


def wrote(mail, reader, style, ui):
    """The line above the quote of Thunderbird and NetEase's web mail."""
    when, name = local(mail, reader), mail.sender.name
    if style == "netease":
        who = f'"{name}" <{mail.sender.email}>'
        if ui in ("zh", "zt"):
            return f"在 {when:%Y-%m-%d %H:%M:%S}，{who} 写道："
        return f"At {when:%Y-%m-%d %H:%M:%S}, {who} wrote:"
    if ui == "zt":
        return f"{name} 於 {when:%Y/%m/%d %H:%M} 寫道:"
    if ui == "ru":
        return f"{when:%d.%m.%Y %H:%M}, {name} пишет:"
    if ui == "es":
        return f"El {when:%d/%m/%Y} a las {when:%H:%M}, {name} escribió:"
    return f"On {when:%d/%m/%Y %H:%M}, {name} wrote:"


def _names(people):
    return "; ".join(f"{p.name} <{p.email}>" for p in people)


def rows(mail, reader, ui, date):
    """(label, value) of the head that Outlook, Foxmail and QQ quote."""
    label = LABELS[ui]
    found = [(label[0], _names([mail.sender])), (label[1], date)]
    found.append((label[2], _names(mail.to)))
    if mail.cc:
        found.append((label[3], _names(mail.cc)))
    return [*found, (label[4], mail.subject)]


def _stamp(mail, reader):
    return f"{local(mail, reader):%Y-%m-%d %H:%M}"


def plain(mail, reader, style, ui, inner):
    """Lines of the quote; ``inner`` are the quoted mail's own lines."""
    marked = [f"> {line}" if line[:1] != ">" else f">{line}" for line in inner]
    if style in ("gmail", "iphone"):
        return [intro(mail, reader, ui), "", *marked]
    if style == "bat":
        initials = "".join(word[0] for word in mail.sender.name.split())[:2]
        when = long_date(local(mail, reader), "ru")
        return [f"Вы писали {when}:", "", *(f"{initials}{m}" for m in marked)]
    if style in ("thunderbird", "netease"):
        return [wrote(mail, reader, style, ui), *marked]
    if style == "qqweb":
        line = "------------------ {} ------------------"
        title = "原始邮件" if ui == "zh" else "Original"
        head = rows(mail, reader, ui, _stamp(mail, reader))
        return [line.format(title), *(f"{a}: {b}" for a, b in head), "", "", *inner]
    if style in ("foxmail", "raw"):
        colon = "：" if ui in ("zh", "zt") else ":"
        head = rows(mail, reader, ui, _stamp(mail, reader))
        return [" ", *(f"{a}{colon} {b}" for a, b in head), *inner]
    rule = "-----邮件原件-----" if ui == "zh" else "-----Original Message-----"
    head = rows(mail, reader, ui, long_date(local(mail, reader), ui))
    return [rule, *(f"{a}: {b}" for a, b in head), "", *inner]


def markup(mail, reader, style, ui, inner):
    """HTML of the quote around ``inner``, the quoted mail's HTML."""
    if style in ("gmail", "iphone"):
        head = escape(intro(mail, reader, ui), quote=False)
        link = f'<a href="mailto:{mail.sender.email}">{mail.sender.email}</a>'
        head = head.replace(mail.sender.email, link)
        return (
            '<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
            f'{head}<br></div><blockquote class="gmail_quote" style="margin:0px 0px '
            '0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">\r\n'
            f"{inner}</blockquote></div>"
        )
    if style == "netease":
        head = escape(wrote(mail, reader, style, ui), quote=False)
        return (
            f'<br><br><p style="margin: 0;">{head}</p><blockquote '
            'id="isReplyContent" style="PADDING-LEFT: 1ex; MARGIN: 0px 0px 0px '
            f'0.8ex; BORDER-LEFT: #ccc 1px solid">\r\n{inner}</blockquote>'
        )
    if style == "qqweb":
        title = "原始邮件" if ui == "zh" else "Original"
        head = "".join(
            f"<div><b>{a}: </b>&nbsp;{escape(b)};</div>"
            for a, b in rows(mail, reader, ui, _stamp(mail, reader))
        )
        return (
            '<div><br></div><div style="font-size: 12px;font-family: Arial Narrow;'
            f'padding:2px 0 2px 0;">------------------&nbsp;{title}&nbsp;'
            '------------------</div><div style="font-size: 12px;background:#efefef;'
            f'padding:8px;">{head}</div><div><br></div>\r\n{inner}'
        )
    if style in ("foxmail", "raw"):
        colon = "：" if ui in ("zh", "zt") else ":"
        head = "".join(
            f"<div><b>{a}{colon}</b>&nbsp;{escape(b)}</div>"
            for a, b in rows(mail, reader, ui, _stamp(mail, reader))
        )
        mark = f"FoxDiv{local(mail, reader):%Y%m%d%H%M%S}"
        return (
            '<blockquote style="margin-Top: 0px; margin-Bottom: 0px; margin-Left: '
            '0.5em; margin-Right: inherit"><div>&nbsp;</div><div style="border:none;'
            'border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm"><div '
            'style="PADDING-RIGHT: 8px; PADDING-LEFT: 8px; FONT-SIZE: 12px;'
            "FONT-FAMILY:tahoma;COLOR:#000000; BACKGROUND: #efefef; PADDING-BOTTOM: "
            f'8px; PADDING-TOP: 8px">{head}</div></div>\r\n<div><div class="{mark}">'
            f"{inner}</div></div></blockquote>"
        )
    head = rows(mail, reader, ui, long_date(local(mail, reader), ui))
    lines = "<br>\r\n".join(f"<b>{a}:</b> {escape(b)}" for a, b in head)
    if style == "exchange":
        return (
            '<hr style="display:inline-block;width:98%" tabindex="-1"><div '
            'id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" '
            f'style="font-size:11pt" color="#000000">{lines}</font>'
            f"<div>&nbsp;</div></div>\r\n<div>{inner}</div>"
        )
    return (
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt "
        f"0in 0in 0in'><p class=MsoNormal>{lines}<o:p></o:p></p></div></div>\r\n"
        f"<p class=MsoNormal><o:p>&nbsp;</o:p></p>{inner}"
    )
