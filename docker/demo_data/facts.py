# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The numbers and words of one deal, in the language of the one who writes."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta

from . import files, pictures
from .catalog import HOUSE, products

VESSELS = "EASTERN HERON,LOTUS BAY,PACIFIC LARK,NORTHERN PLOVER,JADE TERN"
MONTHS_ES = "ene feb mar abr may jun jul ago sep oct nov dic".split()


class Facts:
    """One deal: product, quantity, prices, papers, ships."""

    def __init__(self, company, key, quantity, start: datetime, rng: random.Random):
        product = products()[key]
        self.company, self.key, self.product = company, key, product
        self.quantity, self.start, self.rng = quantity, start, rng
        self.price = round(product["price"] * rng.uniform(0.96, 1.05), 2)
        self.second = round(self.price * rng.uniform(0.945, 0.965), 2)
        self.target = round(self.price * rng.uniform(0.88, 0.91), 2)
        self.agreed = self.second
        self.number = f"{start:%y%m}{rng.randrange(10, 99)}"
        self.serial = rng.randrange(10**6, 10**7)
        self.vessel = f"MV {rng.choice(VESSELS.split(','))} {rng.randrange(20, 68)}W"

    def fixed(self, price, agreed):
        """For the written-out threads, whose prices stand in the text."""
        self.price, self.second, self.agreed = price, agreed, agreed
        return self

    @property
    def total(self):
        return round(self.quantity * self.agreed, 2)

    @property
    def cartons(self):
        return -(-self.quantity // self.product["per"])

    def words(self, lang):
        """slot -> text for a script's step in ``lang``."""
        local = self.product[lang]
        units = local["unit"].partition("/")
        ready = self.start + timedelta(days=40)
        arrives = ready + timedelta(days=34)
        cbm = self.cartons * self.product["cbm"]
        number = str(self.serial)
        found = {
            "p": local["name"],
            "P": local["short"],
            "un": units[0],
            "u": units[2] or units[0],
            "unen": self.product["en"]["unit"].partition("/")[0],
            "tellen": self.product["en"]["tell"],
            "causeen": self.product["en"]["cause"],
            "qty": _count(self.quantity, lang),
            "moq": _count(self.product["moq"], lang),
            "price": _money(self.price, lang),
            "price2": _money(self.second, lang),
            "target": _money(self.target, lang),
            "total": _money(self.total, lang),
            "deposit": _money(self.total * 0.3, lang),
            "balance": _money(self.total * 0.7, lang),
            "freight": _count(int(cbm * 92 + 640) // 10 * 10, lang),
            "lead": str(25 + 5 * (self.serial % 3)),
            "pol": "Ningbo",
            "polzh": "宁波",
            "port": self.company.port,
            "city": self.company.city,
            "po": f"PO-{self.number}",
            "pi": f"LY-PI{self.number}",
            "bl": f"LYNB{number}",
            "ctnr": f"LYXU{number[:6]}-{number[-1]}",
            "track": f"EX{number}08CN",
            "vessel": self.vessel,
            "etd": _date(ready, lang),
            "eta": _date(arrives, lang),
            "etazh": f"{arrives.month}月{arrives.day}日",
            "ctns": _count(self.cartons, lang),
            "cbm": _money(cbm, lang)[:-1] if cbm > 10 else _money(cbm, lang),
            "gw": _count(int(self.cartons * self.product["kg"]), lang),
        }
        for name in ("ask", "tell", "defect", "cause", "change"):
            found[name] = local.get(name, "")
        return found

    def title(self, lang):
        """The opportunity's name."""
        slots = self.words(lang)
        gap = "" if lang in ("zh", "zt") else " "
        return f"{slots['P']} - {slots['qty']}{gap}{slots['un']}"

    def document(self, mark, lang):
        """(file name, type, bytes) of ``pdf:quotation``, ``xlsx:packing`` and so on."""
        form, _, kind = mark.partition(":")
        slots = self.words("en")
        name = _name(kind, lang, self.words("en" if lang == "ru" else lang))
        if form == "pdf":
            return f"{name}.pdf", "application/pdf", _paper(self, kind, slots)
        if kind == "codes":
            rows = [["item", "colour", "EAN"]]
            for number, colour in enumerate(("anthracite", "petrol"), 1):
                rows.append([f"{self.product['model']}-{number}", colour,
                             f"2000{self.serial}{number}0"])  # fmt: skip
            return f"{name}.csv", "text/csv", files.csv(rows)
        return f"{name}.xlsx", files.XLSX, files.xlsx(self._packing(slots))

    def picture(self, scene, number, lang, when):
        """(file name, bytes) of a photo of this deal."""
        tint = (self.serial + (number if scene == "artwork" else 0)) % 3
        ending, data = pictures.picture(scene, self.key, tint)
        stamp = f"{when:%Y%m%d}"
        if lang == "zh" and scene != "artwork":
            return f"微信图片_{stamp}{self.serial}{number}.{ending}", data
        if scene == "artwork":
            return f"artwork_v{number}.{ending}", data
        return f"IMG_{stamp}_{self.serial % 10000:04}{number}.{ending}", data

    def _packing(self, slots):
        per, cartons = self.product["per"], self.cartons
        weight, cbm = self.product["kg"], self.product["cbm"]
        half = cartons // 2
        rows = [
            [HOUSE["name"]],
            ["PACKING LIST", slots["pi"], "B/L", slots["bl"]],
            ["Consignee", self.company.name, "Port", self.company.port],
            [],
            ["Item", "Model", "Cartons", "Qty per carton", "Qty", "G.W. kg", "CBM"],
        ]
        left = self.quantity
        for number, count in enumerate((half, cartons - half), 1):
            quantity = min(left, count * per)
            left -= quantity
            rows.append(
                [self.product["en"]["name"], f"{self.product['model']}-{number}"]
                + [count, per, quantity, round(count * weight), round(count * cbm, 2)]
            )
        total = [round(cartons * weight), round(cartons * cbm, 2)]
        return [*rows, ["TOTAL", "", cartons, "", self.quantity, *total]]


NAMES = {
    "quotation": ("Quotation {P}", "报价单-{P}", "Cotización {P}"),
    "pi": ("Proforma Invoice {pi}", "形式发票{pi}", "Proforma {pi}"),
    "po": ("Purchase Order {po}", "采购合同{po}（盖章版）", "Orden de compra {po}"),
    "invoice": ("Commercial Invoice {pi}", "商业发票{pi}", "Factura {pi}"),
    "bl": ("BL copy {bl}", "提单复印件{bl}", "Copia del BL {bl}"),
    "packing": ("Packing list {pi}", "装箱单{pi}", "Lista de empaque {pi}"),
    "swift": ("Bank slip {pi}", "汇款水单{pi}", "Comprobante {pi}"),
    "report": ("Report {P}", "检测分析报告-{P}", "Informe {P}"),
    "credit": ("Credit note {po}", "扣款通知{po}", "Nota de abono {po}"),
    "lc": ("LC draft {po}", "信用证草稿{po}", "Carta de crédito {po}"),
    "declaration": ("Conformity {P}", "符合性声明{P}", "Declaración {P}"),
    "codes": ("EAN codes", "条码表", "Códigos EAN"),
}
RU = {
    "swift": "Платёжное поручение {pi}",
    "po": "Заказ {po}",
}


def _name(kind, lang, slots):
    english, chinese, spanish = NAMES[kind]
    pattern = {"zh": chinese, "zt": english, "es": spanish}.get(lang, english)
    if lang == "zt" and kind in ("quotation", "pi", "packing", "bl"):
        pattern = {"quotation": "報價單-{P}", "pi": "形式發票{pi}",
                   "packing": "裝箱單{pi}", "bl": "提單副本{bl}"}[kind]  # fmt: skip
    if lang == "ru":
        pattern = RU.get(kind, english)
    return re.sub(r"[/\\]", "-", pattern.format(**slots))


def _paper(facts, kind, slots):
    heads = {"po": "PURCHASE ORDER", "swift": "PAYMENT ORDER", "lc": "L/C DRAFT"}
    title = heads.get(kind, NAMES[kind][0].partition(" {")[0].upper())
    if kind == "bl":
        title = "BILL OF LADING (COPY)"
    ours = [HOUSE["name"], HOUSE["street"], "Ningbo, China", HOUSE["phone"]]
    theirs = [facts.company.name, facts.company.city, f"Port: {facts.company.port}"]
    left, right = (theirs, ours) if kind in ("po", "swift", "lc") else (ours, theirs)
    price = facts.price if kind == "quotation" else facts.agreed
    amount = f"{facts.quantity * price:,.2f}"
    goods = f"{slots['p'][:1].upper()}{slots['p'][1:]}, {facts.product['model']}"
    table = [
        ["No.", "Description", "Quantity", "USD per unit", "USD total"][1:],
        [goods, slots["qty"], f"{price:.2f}", amount],
        ["TOTAL", "", "", amount],
    ]
    notes = [
        f"Price FOB Ningbo. Lead time {slots['lead']} days after deposit.",
        "Payment 30% T/T in advance, 70% against copy of B/L.",
        f"Packing: {facts.product['per']} per carton, {slots['ctns']} cartons, "
        f"{slots['cbm']} cbm.",
        "This is a document of the demonstration. All names are invented.",
    ]
    if kind == "bl":
        table = [["Goods", "Cartons", "Kg", "Container"],
                 [goods, slots["ctns"], slots["gw"], slots["ctnr"]]]  # fmt: skip
        notes = [f"Vessel {slots['vessel']}", f"Ningbo to {facts.company.port}",
                 f"ETD {slots['etd']}, ETA {slots['eta']}", notes[-1]]  # fmt: skip
    elif kind in ("report", "declaration"):
        table = [["Point", "Sample", "Limit", "Result"],
                 ["Visual", "125", "AQL 2.5", "see notes"],
                 ["Function", "32", "AQL 1.0", "passed"],
                 ["Drop test 1.2 m", "3", "no crack", "passed"]]  # fmt: skip
        notes = [f"Product: {goods}", slots["cause"].capitalize() + ".", notes[-1]]
        if kind == "declaration":
            notes[1] = "The importer's article number is 31.0082."
    elif kind == "swift":
        table = [["Remittance", "Reference", "Currency", "Amount"],
                 ["Deposit 30%", slots["pi"], "USD", slots["deposit"]]]  # fmt: skip
        notes = notes[-1:]
    elif kind == "credit":
        table = [["Reason", "Order", "Currency", "Amount"],
                 ["Claim, sorting cost", slots["po"], "USD", "480.00"]]  # fmt: skip
        notes = ["To be deducted from the next balance.", notes[-1]]
    number = {"po": slots["po"], "lc": slots["po"], "credit": slots["po"]}
    number["bl"] = slots["bl"]
    return files.pdf(title, number.get(kind, slots["pi"]), left, right, table, notes)


def _count(value, lang):
    text = f"{value:,}"
    if lang in ("zh", "zt"):
        return str(value)
    if lang == "es":
        return text.replace(",", ".")
    return text.replace(",", " ") if lang == "ru" else text


def _money(value, lang):
    text = f"{value:,.2f}"
    if lang == "es":
        return text.translate(str.maketrans(",.", ".,"))
    if lang == "ru":
        return text.replace(",", " ").replace(".", ",")
    return text


def _date(when, lang):
    if lang in ("zh", "zt"):
        return f"{when.month}月{when.day}日"
    if lang == "es":
        return f"{when.day} {MONTHS_ES[when.month - 1]}"
    if lang == "ru":
        return f"{when:%d.%m}"
    month = "January February March April May June July August September October"
    month = f"{month} November December".split()[when.month - 1]
    return f"{month} {when.day}"
