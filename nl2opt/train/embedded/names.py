"""Rng -> names of things: open lists, and words that mean nothing here, so that the tagger learns places, not nouns."""

# ruff: noqa: E501    wordings and lists stay on a line each
from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from nl2opt.train.embedded.network import pretrained, read_vocabulary

NOUNS = """
chair|table|desk|sofa|lamp|shelf|cabinet|bed|mattress|stool|bench|mirror|rug|curtain|pillow|blanket|towel|candle|vase|
clock|car|truck|van|bus|minivan|tram|train|ferry|boat|canoe|kayak|barge|tanker|airplane|helicopter|drone|scooter|
bicycle|motorcycle|trailer|wagon|cart|sled|camel|horse|mule|donkey|elephant|taxi|limousine|rickshaw|tractor|forklift|crane|
excavator|bulldozer|pump|compressor|generator|turbine|boiler|furnace|oven|freezer|refrigerator|dishwasher|toaster|blender|
mixer|kettle|microwave|fan|heater|camera|phone|tablet|laptop|monitor|keyboard|printer|scanner|router|speaker|
headphone|television|radio|console|watch|ring|necklace|bracelet|earring|pendant|shirt|jacket|coat|sweater|hoodie|dress|skirt|
scarf|hat|cap|glove|sock|shoe|boot|sandal|sneaker|belt|wallet|purse|backpack|suitcase|umbrella|tent|sleeping bag|lantern|
cake|pie|muffin|cookie|brownie|donut|croissant|bagel|loaf|pretzel|pastry|tart|waffle|pancake|pizza|burger|sandwich|
taco|burrito|wrap|salad|soup|stew|curry|noodle|dumpling|omelette|sausage|steak|fillet|smoothie|milkshake|lemonade|
apple|banana|orange|mango|peach|pear|plum|grape|melon|lemon|cherry|strawberry|blueberry|carrot|potato|tomato|cucumber|pepper|
onion|cabbage|pumpkin|cow|goat|sheep|pig|chicken|duck|turkey|rabbit|pill|tablet|capsule|vaccine|syringe|bandage|
mask|gown|ventilator|wheelchair|nurse|doctor|surgeon|pharmacist|therapist|technician|engineer|electrician|
plumber|carpenter|painter|mason|welder|driver|pilot|guard|cook|waiter|cashier|clerk|manager|secretary|analyst|accountant|lawyer|
teacher|tutor|translator|writer|editor|designer|programmer|tester|intern|student|volunteer|senior|trainee|apprentice|
violin|guitar|piano|flute|drum|trumpet|book|magazine|notebook|newspaper|calendar|poster|flyer|billboard|banner|brochure|
pen|pencil|marker|crayon|brush|canvas|statue|puzzle|doll|robot|kite|ball|bat|racket|helmet|skateboard|snowboard|surfboard|
bottle|jar|can|carton|crate|box|barrel|drum|bag|sack|bucket|tub|pallet|container|basket|envelope|parcel|package|
hammer|drill|saw|wrench|ladder|shovel|rake|mower|hose|window|door|tile|brick|beam|panel|pipe|cable|battery|engine|tire|
house|cottage|cabin|apartment|condo|office|warehouse|garage|stadium|theater|hotel|bridge|tower|bungalow|duplex|villa|
campaign|advertisement|commercial|interview|survey|workshop|seminar|lecture|course|exam|article|essay|report|podcast|
flight|cruise|tour|trip|shift|session|shipment|delivery|ticket|pass|voucher|subscription|membership|license|reaction|experiment|
filter|sensor|valve|lens|chip|circuit|resistor|antenna|satellite|rocket|telescope|microscope|reactor|kiln|loom|press
"""

MASSES = """
wheat|corn|barley|oats|rye|rice|soy|hay|alfalfa|cotton|flax|hemp|tobacco|sugar|salt|flour|butter|cheese|milk|cream|
yogurt|honey|syrup|oil|vinegar|coffee|tea|cocoa|juice|water|wine|beer|cider|fuel|diesel|gasoline|kerosene|ethanol|
methanol|ammonia|chlorine|acid|bleach|resin|glue|paint|varnish|cement|concrete|sand|gravel|clay|limestone|marble|granite|
steel|iron|copper|zinc|tin|nickel|aluminium|silver|gold|platinum|titanium|lithium|plastic|rubber|leather|wool|silk|nylon|paper|
cardboard|plywood|timber|oak|pine|maple|fertilizer|compost|feed|seed|fish|beef|pork|lamb|chicken|tofu|spinach|
lettuce|broccoli|kale|beans|lentils|peas|almonds|walnuts|cashews|peanuts|granola|cereal|pasta|bread|chocolate|caramel|vanilla|
medicine|ointment|serum|sunscreen|shampoo|soap|detergent|perfume|lotion|coal|gas|hydrogen|biomass|solar power|wind power
"""

MODIFIERS = """
small|large|medium|big|tiny|mini|giant|regular|deluxe|premium|standard|basic|economy|luxury|classic|modern|vintage|new|old|used|
cheap|expensive|red|blue|green|black|white|yellow|grey|brown|pink|silver|golden|clear|dark|light|heavy|thick|thin|
long|short|wide|narrow|tall|round|square|flat|curved|hard|soft|dry|wet|hot|cold|warm|frozen|fresh|raw|cooked|baked|fried|grilled|
sweet|sour|salty|spicy|bitter|plain|organic|natural|artificial|synthetic|electric|manual|automatic|hybrid|solar|diesel|digital|
analog|wireless|wired|portable|stationary|foldable|rigid|indoor|outdoor|domestic|imported|local|foreign|national|
full-time|part-time|senior|junior|trained|skilled|unskilled|certified|temporary|permanent|seasonal|daily|weekly|monthly|annual|
morning|evening|night|summer|winter|single|double|triple|twin|queen|king|first-class|business|coach|express|overnight|
wooden|metal|plastic|glass|leather|cotton|woolen|silk|steel|ceramic|stone|paper|rubber|velvet|denim|bamboo|
chocolate|vanilla|strawberry|caramel|lemon|apple|cherry|mint|ginger|coconut|almond|peanut|chicken|beef|vegetable|tuna|
childrens|adult|ladies|mens|baby|family|student|corporate|military|medical|industrial|commercial|residential|rural|urban|
high-end|low-end|high-speed|low-fat|gluten-free|sugar-free|fast-acting|long-lasting|single-load|two-sided|three-legged|
card-based|coin-based|water-based|oil-based|battery-powered|gas-powered|hand-made|machine-made|pre-owned|all-in-one|
decoupled|integrated|modular|compact|marinated|smoked|processed|roasted|acoustic|upright|mechanical|rotary|centrifugal
"""

CLASSES = """
product|item|good|model|type|option|vehicle|unit|piece|appliance|device|drink|snack|meal|dish|dessert|crop|animal|worker|
employee|machine|tool|toy|garment|accessory|gadget|package|container|channel|ad|ticket|seat|room|course|plan|service|method|
supplement|drug|kit|bundle|batch|mixture|blend|material|system|facility|plant|store|project|investment|fund|asset
"""

CONTENTS = """
chocolates|apples|candies|nails|screws|flour|sugar|rice|coffee|tea|milk|juice|ice cream|popcorn|nuts|cereal|pasta|soap|
fruits|vegetables|oranges|cookies|crayons|pencils|paper|water|oil|honey|cement|seeds|flowers|roses|vaccines|pills|batteries|
toys|books|clothes|shoes|fish|cheese|meat|eggs|bread|wine|beer|paint|glue|sand|salt|spices|candles|marbles|beads|yarn
"""

VESSELS = "box|bag|bottle|jar|can|carton|crate|barrel|sack|bucket|tub|pack|basket|tray|cup|bowl|plate|cone|roll|stack|case|tin"

CODES = "machine|mixture|reaction|method|product|model|drug|vitamin|supplement|system|process|plant|factory|device|brand|team|"
CODES += (
    "feed|alloy|fertilizer|recipe|formula|truck|worker|station|site|region|type|compound|sample|treatment|diet|snack"
)

ACRONYMS = "TV|SUV|EV|PC|GPU|CPU|LED|LCD|DVD|CD|ATV|RV|UPS|MRI|CT|ECG|IPA|VIP|BLT|USB|HD|AC|DC|PVC|ATM|POS|SMS"


def listed(words: str) -> list[str]:
    """The entries of a list written with bars."""
    return [entry.strip() for entry in words.replace("\n", "").split("|") if entry.strip()]


@cache
def _lists() -> dict[str, list[str]]:
    words = {"noun": NOUNS, "mass": MASSES, "modifier": MODIFIERS, "class": CLASSES, "contents": CONTENTS}
    words |= {"vessel": VESSELS, "code": CODES, "acronym": ACRONYMS}
    return {kind: listed(entries) for kind, entries in words.items()}


@cache
def vocabulary_words() -> list[str]:
    """Whole words of the encoder's vocabulary, for names that mean nothing in their place."""
    pieces = read_vocabulary(pretrained())[3000:]
    return [p for p in pieces if p.isascii() and p.isalpha() and 4 <= len(p) <= 11 and not p.endswith(("s", "ly"))]


def draw(kind: str, rng: random.Random, strange: float = 0.15) -> str:
    """An entry of a list, or with probability `strange` a word that has no business there."""
    if kind in ("noun", "modifier", "mass") and rng.random() < strange:
        return rng.choice(vocabulary_words())
    return rng.choice(_lists()[kind])


def plural(noun: str) -> str:
    """The plural of a noun phrase's last word."""
    irregular = {"loaf": "loaves", "shelf": "shelves", "fish": "fish", "sheep": "sheep", "mouse": "mice", "man": "men"}
    head, _, last = noun.rpartition(" ")
    if last in irregular:
        last = irregular[last]
    elif last.endswith("y") and last[-2:-1] not in tuple("aeiou"):
        last = last[:-1] + "ies"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    else:
        last += "s"
    return f"{head} {last}".strip()


@dataclass(frozen=True, slots=True)
class Name:
    """A variable's name: one of it, several of it, the word that tells it from the others, what it is one of."""

    one: str
    many: str
    short: str = ""
    head: str = ""
    measure: str = ""
    """Unit a mass is counted in ("acre"); empty for things that are counted."""


def draw_names(count: int, rng: random.Random) -> list[Name]:
    """`count` names of one problem, in one of the styles people use, all different."""
    style = rng.choices(list(_STYLES), weights=[weight for weight, _ in _STYLES.values()])[0]
    names: dict[str, Name] = {}
    make = _STYLES[style][1](rng)
    while len(names) < count:
        name = make(len(names))
        names.setdefault(name.one, name)
    return list(names.values())


Maker = Callable[[int], Name]
"""The k-th name of a problem."""


def _plain(rng: random.Random) -> Maker:
    def make(_: int) -> Name:
        noun = draw("noun", rng)
        return Name(noun, plural(noun))

    return make


def _shared_head(rng: random.Random) -> Maker:
    head = draw(rng.choice(["noun", "noun", "class"]), rng)
    if rng.random() < 0.2:
        head = draw("noun", rng) + " " + head

    def make(_: int) -> Name:
        modifier = draw("modifier", rng) if rng.random() < 0.85 else draw("noun", rng)
        return Name(f"{modifier} {head}", f"{modifier} {plural(head)}", modifier, head)

    return make


def _long_head(rng: random.Random) -> Maker:
    """Two-word heads, of which later mentions may drop the first: "single-load washing machine", "single-load machine"."""
    first, last = draw("noun", rng) if rng.random() < 0.6 else draw("contents", rng), draw("noun", rng)

    def make(_: int) -> Name:
        modifier = draw("modifier", rng)
        short = f"{modifier} {last}" if rng.random() < 0.5 else ""
        return Name(f"{modifier} {first} {last}", f"{modifier} {first} {plural(last)}", short, last)

    return make


def _quoted(rng: random.Random) -> Maker:
    head = draw(rng.choice(["noun", "code", "class"]), rng)

    def make(_: int) -> Name:
        words = rng.choice(
            [rng.choice(vocabulary_words()), draw("modifier", rng), f"{draw('noun', rng)} of {draw('contents', rng)}"]
        )
        opening, closing = rng.choice([("“", "”"), ("'", "'"), ('"', '"')])
        return Name(f"{opening}{words}{closing} {head}", f"{opening}{words}{closing} {plural(head)}", "", head)

    return make


def _compound(rng: random.Random) -> Maker:
    def make(_: int) -> Name:
        noun = draw("noun", rng)
        first = draw(rng.choice(["modifier", "noun", "mass"]), rng)
        return Name(f"{first} {noun}", f"{first} {plural(noun)}", "", noun)

    return make


def _coded(rng: random.Random) -> Maker:
    head = draw("code", rng)
    head = rng.choice([head, head, head.capitalize()])
    codes = rng.choice(["ABCDEF", "XYZWVU", ["1", "2", "3", "4", "5", "6"], ["I", "II", "III", "IV", "V", "VI"], _LONG])
    behind = rng.random() < 0.8

    def make(k: int) -> Name:
        name = f"{head} {codes[k]}" if behind else f"{codes[k]} {head}"
        return Name(name, name if behind else plural(name), codes[k] if rng.random() < 0.3 else "", head)

    return make


_LONG = ["XYZ", "ABC", "DEF", "PQR", "LMN", "KLM"]


def _branded(rng: random.Random) -> Maker:
    def make(_: int) -> Name:
        word = rng.choice(vocabulary_words()).capitalize()
        number = rng.choice(["3000", "500", "X", "7", "Pro", "Plus", "S2", "2.0", "Max", "360", ""])
        name = rng.choice([f"{word} {number}".strip(), word, word + rng.choice(["Tech", "Mate", "ly", "X"])])
        return Name(name, name if rng.random() < 0.7 else name + "s")

    return make


def _acronym(rng: random.Random) -> Maker:
    head = draw("noun", rng) if rng.random() < 0.5 else ""

    def make(_: int) -> Name:
        letters = (
            draw("acronym", rng)
            if rng.random() < 0.6
            else "".join(rng.choices("ABCDEFGHKLMPRSTVX", k=rng.choice([2, 3])))
        )
        if head:
            return Name(f"{letters} {head}", f"{letters} {plural(head)}", letters, head)
        return Name(letters, letters + "s")

    return make


def _vessel(rng: random.Random) -> Maker:
    contents = draw("contents", rng)
    vessel = draw("vessel", rng)
    kind = rng.random()

    def make(_: int) -> Name:
        if kind < 0.35:
            modifier = draw("modifier", rng)
            return Name(
                f"{modifier} {vessel} of {contents}", f"{modifier} {plural(vessel)} of {contents}", modifier, vessel
            )
        if kind < 0.7:
            mine = draw("contents", rng)
            return Name(f"{vessel} of {mine}", f"{plural(vessel)} of {mine}", "", vessel)
        mine = draw("vessel", rng)
        return Name(f"{mine} of {contents}", f"{plural(mine)} of {contents}", "", mine)

    return make


def _mass(rng: random.Random) -> Maker:
    measure = rng.choice(
        ["acre", "kilogram", "kg", "ton", "liter", "unit", "pound", "hectare", "gallon", "barrel", "hour"]
    )

    def make(_: int) -> Name:
        mass = draw("mass", rng)
        if rng.random() < 0.3:
            mass = draw("modifier", rng) + " " + mass
        return Name(mass, mass, measure=measure)

    return make


_STYLES = {
    "plain": (5, _plain),
    "shared head": (7, _shared_head),
    "long head": (2.5, _long_head),
    "quoted": (0.7, _quoted),
    "compound": (5, _compound),
    "coded": (3, _coded),
    "branded": (2, _branded),
    "acronym": (1.5, _acronym),
    "vessel": (2, _vessel),
    "mass": (4, _mass),
}


_T = TypeVar("_T")


def pick(options: Sequence[_T], rng: random.Random) -> _T:
    """One of some wordings."""
    return options[rng.randrange(len(options))]
