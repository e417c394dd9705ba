# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the DNS of these tests knows, and the presets that are searched."""

import itertools

from transport.discovery import Ports
from transport.presets import Preset, Server

PRESET_SECONDS = 2.0  # promised for a custom domain at a known provider
SECONDS = 6.0  # promised for any search


def preset(code, imap, *mx_suffixes, **more):
    return Preset(code, mx_suffixes=mx_suffixes, imap=Server(imap, 993), **more)


PRESETS = (
    preset("exmail", "imap.exmail.qq.com", "mxbiz*.qq.com", "exmail.qq.com"),
    preset("netease", "imap.163.com", "mxmail.netease.com"),
    preset(
        "qiye163",
        "imap.qiye.163.com",
        "qiye163mx*.mxmail.netease.com",
        "hzmx*.mxmail.netease.com",
    ),
    preset("aliyun", "imap.qiye.aliyun.com", "qiye.aliyun.com", "mxhichina.com"),
    preset("263", "imap.263.net", "263.net", "263xmail.com"),
    preset("feishu", "imap.feishu.cn", "feishu.cn"),
    preset("huawei", "imap.sparkspace.huaweicloud.com", "sparkspace.huaweicloud.com"),
    preset("gmail", "imap.gmail.com", "l.google.com", domains=("gmail.com",)),
    preset("m365", "outlook.office365.com", "*.mail.protection.outlook.com"),
    preset("21vianet", "partner.outlook.cn", "*.mail.protection.partner.outlook.cn"),
)
EXCHANGERS = {
    "mxbiz1.qq.com": "exmail",
    "qiye163mx01.mxmail.netease.com": "qiye163",
    "hzmx01.mxmail.netease.com": "qiye163",
    "mx1.qiye.aliyun.com": "aliyun",
    "mxn.mxhichina.com": "aliyun",
    "mx01.263.net": "263",
    "mx1.feishu.cn": "feishu",
    "mx1.sparkspace.huaweicloud.com": "huawei",
    "aspmx.l.google.com": "gmail",
    "corp-com.mail.protection.outlook.com": "m365",
    "corp-cn.mail.protection.partner.outlook.cn": "21vianet",
}
RECORDS = [
    *(f"mx-host=mx{n}.test,{host},10" for n, host in enumerate(EXCHANGERS)),
    "mx-host=xn--5nq051n.test,mxbiz1.qq.com,10",
    # a filter before the provider's own exchangers
    "mx-host=filtered.test,filter.guard.test,5",
    "mx-host=filtered.test,mxbiz1.qq.com,10",
    "mx-host=null.test,.,0",
    "txt-record=silent.test,no servers here",
    "mx-host=pointed.test,filter.guard.test,10",
    "cname=imap.pointed.test,pop.pointed.test",
    "cname=pop.pointed.test,imap.exmail.qq.com",
    # a wildcard of a web site, and mail elsewhere
    "mx-host=website.test,mxbiz1.qq.com,10",
    "cname=mail.website.test,ghs.l.google.com",
    "cname=mail.hosted.test,ghs.l.google.com",
    # the servers' certificates name these
    *(f"host-record={name}.demo.test,127.0.0.1" for name in ("imap", "pop", "smtp")),
    "host-record=imap.mismatch.test,127.0.0.1",
    "host-record=imap.untrusted.test,127.0.0.1",
    "host-record=imap.liar.test,127.0.0.1",
    "host-record=imap.clear.test,127.0.0.1",
    "srv-host=_imaps._tcp.off.test",
    "srv-host=_imaps._tcp.atexmail.test,imap.exmail.qq.com,993,0,1",
    *(
        f"host-record=autoconfig.{name}.test,127.0.0.1"
        for name in ("auto", "moved", "away", "drip", "endless", "packed", "loop")
    ),
    "host-record=www.moved.test,127.0.0.1",
    "host-record=known.test,127.0.0.1",
    "host-record=ispdb.invalid,127.0.0.1",
    "mx-host=collected.test,mx.hoster.test,10",
]

# Nothing listens there.
CLOSED = Ports(*itertools.repeat(1, 6))
