# Copyright 2026 waimaolang contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Drawn stand-ins for workshop photos and box artwork."""

from __future__ import annotations

import io
import random
from functools import cache

from PIL import Image, ImageDraw, ImageFilter

SIZE = (560, 420)
COLOURS = ["#d9822b", "#2f6f8f", "#3c8d5a", "#7a4a8c", "#b23a3a", "#4d5a66"]


def _room(wall, floor, horizon=250):
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(SIZE[1]):
        base = wall if y < horizon else floor
        shade = 0.75 + 0.25 * (y / horizon if y < horizon else 1.4 - y / SIZE[1])
        line = tuple(min(255, int(part * shade)) for part in base)
        draw.line([(0, y), (SIZE[0], y)], fill=line)
    return image, draw


def _light(draw, x, y, colour):
    draw.rounded_rectangle([x, y, x + 110, y + 150], 16, fill="#23272b")
    draw.rounded_rectangle([x + 8, y + 8, x + 102, y + 112], 10, fill=colour)
    draw.rectangle([x + 18, y + 18, x + 92, y + 102], fill="#fdf6d8")
    for row in range(4):
        for column in range(4):
            spot = [x + 24 + column * 17, y + 24 + row * 19]
            draw.ellipse([*spot, spot[0] + 11, spot[1] + 11], fill="#ffe27a")
    draw.ellipse([x + 44, y + 122, x + 66, y + 144], fill="#e8642c")
    draw.arc([x + 20, y - 40, x + 90, y + 30], 180, 360, fill="#444", width=9)


def _bottle(draw, x, y, colour):
    draw.rounded_rectangle([x + 18, y, x + 72, y + 40], 8, fill="#2b2b2b")
    draw.rounded_rectangle([x, y + 36, x + 90, y + 220], 20, fill=colour)
    draw.rectangle([x + 14, y + 50, x + 24, y + 200], fill="#ffffff")
    draw.rectangle([x + 4, y + 206, x + 86, y + 220], fill="#9aa3ab")
    draw.text((x + 38, y + 120), "LY", fill="#f4f4f4")


def _fitting(draw, x, y, colour):
    draw.rectangle([x, y + 30, x + 120, y + 70], fill="#c9cdd2")
    for step in range(0, 48, 6):
        draw.line([(x + step, y + 28), (x + step, y + 72)], fill="#7f878f", width=2)
    draw.polygon(
        [(x + 52, y + 10), (x + 84, y + 10), (x + 96, y + 50), (x + 84, y + 90),
         (x + 52, y + 90), (x + 44, y + 50)],
        fill="#dfc26a",
    )  # fmt: skip
    draw.ellipse([x + 104, y + 28, x + 136, y + 72], fill=colour, outline="#666")


def _roll(draw, x, y, colour):
    draw.rectangle([x, y + 25, x + 100, y + 190], fill="#dfeaf0")
    draw.ellipse([x, y + 165, x + 100, y + 215], fill="#cfdde5")
    draw.ellipse([x, y, x + 100, y + 50], fill="#edf4f8", outline="#a9bac4")
    draw.ellipse([x + 32, y + 14, x + 68, y + 36], fill=colour)
    for step in range(40, 190, 18):
        draw.line([(x, y + step), (x + 100, y + step - 6)], fill="#c3d3dc")


def _soft(draw, x, y, colour):
    draw.rounded_rectangle([x + 10, y + 60, x + 110, y + 190], 26, fill=colour)
    for finger in range(4):
        left = x + 12 + finger * 26
        draw.rounded_rectangle([left, y, left + 20, y + 90], 10, fill=colour)
    draw.rectangle([x + 18, y + 180, x + 102, y + 205], fill="#f0f0e8")
    draw.rounded_rectangle([x + 22, y + 80, x + 98, y + 150], 20, fill="#2a2f33")


def _coil(draw, x, y, colour):
    draw.ellipse([x, y, x + 170, y + 170], outline=colour, width=26)
    draw.ellipse([x + 30, y + 30, x + 140, y + 140], outline="#3a3f44", width=16)
    draw.rectangle([x + 60, y + 70, x + 115, y + 105], fill="#a8aeb4")
    draw.line([(x + 160, y + 120), (x + 215, y + 190)], fill=colour, width=14)


def _tools(draw, x, y, colour):
    draw.rounded_rectangle([x, y + 100, x + 96, y + 210], 12, fill="#d9c7a4")
    for number, left in enumerate((6, 36, 66)):
        top = y + 14 * (number % 2)
        draw.rectangle([x + left + 6, top + 40, x + left + 14, y + 102], fill="#8a5a32")
        head = [x + left - 2, top, x + left + 22, top + 48]
        draw.rounded_rectangle(head, 8, fill=colour)
    draw.text((x + 34, y + 148), "LY", fill="#6b5332")


# product -> how it is drawn, its width and height
THINGS = {
    "light": (_light, 110, 150),
    "bottle": (_bottle, 90, 220),
    "fitting": (_fitting, 136, 90),
    "film": (_roll, 100, 215),
    "glove": (_soft, 120, 205),
    "strap": (_coil, 170, 176),
    "reel": (_coil, 170, 176),
    "kitchen": (_tools, 96, 210),
}


def _product(kind, tint):
    image, draw = _room((196, 204, 208), (150, 118, 84), 240)
    thing, width, height = THINGS[kind]
    for place, (x, y) in enumerate([(40, 330), (210, 365), (375, 325)]):
        draw.ellipse([x - 14, y - 26, x + width + 22, y + 16], fill="#6e563d")
        thing(draw, x, y - height, COLOURS[(tint + place * (kind == "bottle")) % 6])
    return image


def _cartons(kind, tint):
    image, draw = _room((170, 176, 180), (128, 130, 132), 230)
    brand = COLOURS[tint % 6]
    for row in range(4):
        for column in range(5):
            x, y = 60 + column * 88, 290 - row * 68
            draw.rectangle([x, y, x + 86, y + 66], fill="#c49a62", outline="#8a6a3e")
            draw.rectangle([x + 36, y, x + 50, y + 66], fill="#d8b98a")
            draw.rectangle([x + 6, y + 34, x + 32, y + 56], fill="#f4f1ea")
            draw.text((x + 8, y + 38), f"C{row * 5 + column + 1}", fill="#333")
            draw.rectangle([x + 56, y + 10, x + 80, y + 22], fill=brand)
    draw.rectangle([48, 358, 512, 372], fill="#8f7145")
    for x in (60, 260, 470):
        draw.rectangle([x, 372, x + 32, 392], fill="#6f5734")
    return image


def _container(kind, tint):
    image, draw = _room((188, 206, 222), (140, 140, 138), 300)
    steel = COLOURS[(tint + 1) % 6]
    draw.rectangle([110, 60, 450, 350], fill="#3a3d40")
    for x in (20, 456):
        draw.rectangle([x, 60, x + 84, 350], fill=steel)
        for bar in (20, 50):
            draw.rectangle([x + bar, 66, x + bar + 6, 344], fill="#d8dcdf")
    for row in range(4):
        for column in range(6):
            x, y = 122 + column * 54, 290 - row * 58
            draw.rectangle([x, y, x + 52, y + 56], fill="#bf955d", outline="#7e6037")
    return image


def _defect(kind, tint):
    width, height = THINGS[kind][1:]
    left, top = max(0, 40 + width // 2 - 130), 330 - height // 2 - 98
    image = _product(kind, tint).crop((left, top, left + 260, top + 195)).resize(SIZE)
    draw = ImageDraw.Draw(image)
    x, y = (40 + width // 2 - left) * 2, 210
    crack = [(x - 20, y - 60), (x + 8, y - 18), (x - 6, y + 6), (x + 26, y + 52)]
    draw.line(crack, fill="#1d1d1d", width=5)
    draw.ellipse([x - 85, y - 95, x + 85, y + 95], outline="#e02020", width=7)
    return image


def _artwork(kind, tint):
    image = Image.new("RGB", SIZE, "#ffffff")
    draw = ImageDraw.Draw(image)
    brand = COLOURS[(tint + 4) % 6]
    for x, width in ((30, 150), (180, 100), (280, 150), (430, 100)):
        draw.rectangle([x, 90, x + width, 330], outline="#00a0c8", width=2)
    for x in (30, 280):
        draw.rectangle([x + 2, 92, x + 148, 170], fill=brand)
        draw.text((x + 40, 124), "YOUR LOGO", fill="#ffffff")
        thing, width, height = THINGS[kind]
        tile = Image.new("RGB", (width + 40, height + 50), "#ffffff")
        thing(ImageDraw.Draw(tile), 20, 40, brand)
        tile.thumbnail((136, 148))
        image.paste(tile, (x + 75 - tile.width // 2, 176))
    for number in range(34):
        width = 1 + (number * 7 + tint) % 3
        draw.rectangle([450 + number * 2, 250, 450 + number * 2 + width // 2, 300],
                       fill="#000000")  # fmt: skip
    draw.text((440, 306), "Made in China", fill="#000000")
    draw.text((190, 120), "WARNING\nkeep dry", fill="#000000")
    return image


SCENES = {
    "product": _product,
    "cartons": _cartons,
    "container": _container,
    "defect": _defect,
    "artwork": _artwork,
}


@cache
def picture(scene, kind, tint):
    """(file extension, bytes) of a scene with a product in one of six tints."""
    image = SCENES[scene](kind, tint)
    out = io.BytesIO()
    if scene == "artwork":
        image.quantize(32).save(out, "PNG")
        return "png", out.getvalue()
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    grain = random.Random(f"{scene}{kind}{tint}").randbytes(SIZE[0] * SIZE[1] // 4)
    noise = Image.frombytes("L", (SIZE[0] // 2, SIZE[1] // 2), grain).resize(SIZE)
    image = Image.blend(image, noise.convert("RGB"), 0.06)
    image.save(out, "JPEG", quality=68)
    return "jpg", out.getvalue()
