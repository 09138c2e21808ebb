"""What callers say, read as values: tables of words, relative to a Monday at ten in Shanghai."""

from datetime import datetime, timedelta, timezone

import pytest

from ivr.grammar.meanings import READERS

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))


def read(reader: str, text: str) -> str | None:
    """In the language that the text is written in."""
    return READERS[reader](text, "en-US" if text.isascii() else "zh-CN", NOW)


def table(rows: str) -> list[tuple[str, str | None]]:
    """`words = value` a line; `-` for words without a meaning."""
    pairs = [line.rsplit(" = ", 1) for line in rows.strip().splitlines()]
    return [(words.strip(), None if value == "-" else value) for words, value in pairs]


AMOUNTS = table("""
    一千二百块五 = 1200.5
    三万五 = 35000
    1.5万 = 15000
    1.5w块 = 15000
    两百五 = 250
    一块二毛五 = 1.25
    一块零五 = 1.05
    三块二五 = 3.25
    三块半 = 3.5
    五毛 = 0.5
    十二块五毛 = 12.5
    五千来块 = 5000
    一万多 = 10000
    十来万 = 100000
    大概五千吧 = 5000
    两万零五百 = 20500
    3千5 = 3500
    二〇〇〇元 = 2000
    我想还两千 = 2000
    我只能还三百 = 300
    四千出头 = 4000
    人民币五千 = 5000
    一仟贰佰元 = 1200
    全还了 = all
    ￥1,200.50 = 1200.5
    一點五萬塊 = 15000
    一千二百 嗯 五十块钱 = 1250
    一点二五人民币 = 1.25
    全部 = all
    一次性还清 = all
    还两千，不对，还三千 = 3000
    两千说错了是三千 = 3000
    两千，不对 = -
    八九千 = -
    几百块 = -
    一百美元 = -
    零零五 = -
    五号 = -
    没钱 = -
    twelve fifty = 1250
    twelve hundred = 1200
    a thousand five hundred = 1500
    thousand and one = 1001
    1,200.50 = 1200.5
    fifteen hundred yuan and fifty cents = 1500.5
    twelve yuan fifty = 12.5
    fifty cents = 0.5
    five k = 5000
    1.5k = 1500
    two grand = 2000
    two and a half thousand = 2500
    five hundred bucks = 500
    I can only pay three hundred = 300
    about five hundred, please = 500
    I'd like to pay um two thousand yuan = 2000
    all of it = all
    the full amount = all
    three hundred, no, four hundred = 400
    five hundred dollars = -
    oh five = -
    a few hundred = -
    twelve yuan hundred = -
""")

DATES = table("""
    今天 = 2026-11-23
    大后天 = 2026-11-26
    明早 = 2026-11-24
    下个月五号 = 2026-12-05
    下下个月五号 = 2027-01-05
    这个月十五号 = 2026-11-15
    上个月八号 = 2026-10-08
    十五号 = 2026-12-15
    二十三号 = 2026-11-23
    31号 = 2026-12-31
    五号之前 = 2026-12-05
    本月25日 = 2026-11-25
    月底 = 2026-11-30
    下个月底 = 2026-12-31
    三月底 = 2027-03-31
    月初 = 2026-12-01
    十二月中旬 = 2026-12-15
    年底 = 2026-12-31
    周五 = 2026-11-27
    周一 = 2026-11-30
    这周一 = 2026-11-23
    下周五 = 2026-12-04
    下个星期三 = 2026-12-02
    上周日 = 2026-11-22
    周末 = 2026-11-28
    三天后 = 2026-11-26
    两周后 = 2026-12-07
    一个月后 = 2026-12-23
    半个月后 = 2026-12-08
    再过三天 = 2026-11-26
    要不五号 = 2026-12-05
    俩星期后 = 2026-12-07
    二零二六年三月一号 = 2026-03-01
    26年12月1日 = 2026-12-01
    明年三月一号 = 2027-03-01
    三月一号 = 2027-03-01
    二月二十九号 = 2028-02-29
    2026-03-01 = 2026-03-01
    十二月三号，不对，五号 = 2026-12-05
    三号，不对，是五号 = 2026-12-05
    不是五号是六号 = 2026-12-06
    二月三十号 = -
    国庆后 = -
    农历八月十五 = -
    下个月 = -
    几号 = -
    today = 2026-11-23
    the day after tomorrow = 2026-11-25
    next Friday = 2026-12-04
    this Friday = 2026-11-27
    on Friday = 2026-11-27
    Monday = 2026-11-30
    friday next week = 2026-12-04
    next week Monday = 2026-11-30
    on or before the fifth = 2026-12-05
    5 December = 2026-12-05
    a week tomorrow = 2026-12-01
    a week from friday = 2026-12-04
    this weekend = 2026-11-28
    the fifth of next month = 2026-12-05
    next month on the fifth = 2026-12-05
    on the 15th = 2026-12-15
    the twenty-first = 2026-12-21
    end of the month = 2026-11-30
    by the end of next month = 2026-12-31
    mid december = 2026-12-15
    in three days = 2026-11-26
    in a week = 2026-11-30
    two weeks from now = 2026-12-07
    March the third = 2027-03-03
    March 3rd, twenty twenty-seven = 2027-03-03
    the third of March two thousand twenty seven = 2027-03-03
    2026-03-01 = 2026-03-01
    the third of December, no, the fifth = 2026-12-05
    the thirtieth of February = -
    next month = -
    after Christmas = -
""")

TIMES = table("""
    三点 = 15:00
    七点 = 07:00
    十二点 = 12:00
    下午三点 = 15:00
    早上九点半 = 09:30
    九点一刻 = 09:15
    差一刻九点 = 08:45
    九点差五分 = 08:55
    两点零二分 = 14:02
    三点四十五 = 15:45
    二十二点五十八分 = 22:58
    晚上八点 = 20:00
    晚上七点半以后 = 19:30
    晚上十二点 = 00:00
    凌晨两点 = 02:00
    中午一点 = 13:00
    9:30 = 09:30
    02:30 = 02:30
    下午 = 12:00/18:00
    下午三点，不对，四点 = 16:00
    二十五点 = -
    三点七十分 = -
    几点 = -
    half past two = 14:30
    quarter to nine = 08:45
    a quarter past one = 13:15
    quarter after five = 17:15
    five o'clock sharp = 17:00
    ten to eleven pm = 22:50
    twenty-five past three = 15:25
    eight oh six = 08:06
    eight fifty-one = 08:51
    three o'clock = 15:00
    nine in the morning = 09:00
    eight at night = 20:00
    2 p.m. = 14:00
    twelve a.m. = 00:00
    16:30 = 16:30
    noon = 12:00
    midnight = 00:00
    in the morning = 08:00/12:00
    ten, no, half past ten = 10:30
    twenty-five past = -
    soon = -
""")

MOMENTS = table("""
    大后天下午三点 = 2026-11-26T15:00
    明早九点半 = 2026-11-24T09:30
    明晚八点 = 2026-11-24T20:00
    今晚 = 2026-11-23T18:00/22:00
    明天上午 = 2026-11-24T08:00/12:00
    今天晚上十二点 = 2026-11-24T00:00
    下周一上午十点 = 2026-11-30T10:00
    周五五点 = 2026-11-27T17:00
    五号下午 = 2026-12-05T12:00/18:00
    半个小时后 = 2026-11-23T10:30
    一个半小时后 = 2026-11-23T11:30
    过两个小时 = 2026-11-23T12:00
    十分钟以后 = 2026-11-23T10:10
    一刻钟后 = 2026-11-23T10:15
    下午三点 = 2026-11-23T15:00
    九点 = 2026-11-24T09:00
    三天后 = 2026-11-26
    二月三十号下午三点 = -
    改天 = -
    next Friday at half past two = 2026-12-04T14:30
    tomorrow morning = 2026-11-24T08:00/12:00
    tomorrow morning at nine = 2026-11-24T09:00
    tonight = 2026-11-23T18:00/22:00
    tonight at eight = 2026-11-23T20:00
    this evening at seven = 2026-11-23T19:00
    three p.m. tomorrow = 2026-11-24T15:00
    the fifth of next month at two p.m. = 2026-12-05T14:00
    in half an hour = 2026-11-23T10:30
    in an hour and a half = 2026-11-23T11:30
    twenty minutes from now = 2026-11-23T10:20
    at nine = 2026-11-24T09:00
    later = -
""")

PERIODS = table("""
    这个月 = 2026-11
    下个月 = 2026-12
    上个月 = 2026-10
    三月份 = 2027-03
    九月 = 2026-09
    二零二六年三月 = 2026-03
    下周 = 2026-W49
    明年 = 2027
    下个月五号 = -
    next month = 2026-12
    in March = 2027-03
    last week = 2026-W47
    last year = 2025
    March the third = -
""")

RATINGS_OF_5 = table("""
    五分 = 5
    我给四星 = 4
    满分 = 5
    非常满意 = 5
    满意 = 4
    还行 = 3
    一般 = 3
    不太满意 = 2
    不是很满意 = 2
    很不满意 = 1
    好评 = 5
    有点不满意 = 2
    三分，不对，四分 = 4
    打个八分 = -
    零分 = -
    三四分 = -
    五分钟 = -
    four out of five = 4
    five stars = 5
    I'd give it a four = 4
    very satisfied = 5
    not bad = 3
    not happy = 2
    terrible = 1
    four out of ten = -
    four or five = -
""")

RATINGS_OF_10 = table("""
    打个八分 = 8
    十分 = 10
    零分 = 0
    非常满意 = 10
    一般 = 5
    很不满意 = 0
    七八分 = -
    十一分 = -
    I'd give it a nine = 9
    nine out of ten = 9
    excellent = 10
    nine out of five = -
""")

ORDINALS = table("""
    第二个 = 2
    第2笔 = 2
    二 = 2
    选一 = 1
    最后一个 = -1
    倒数第二个 = -2
    前面那个 = 1
    后面那个 = -1
    第一个，不对，第三个 = 3
    那个 = -
    第十个 = 10
    选择三 = 3
    第十二个 = -
    the second one = 2
    number two = 2
    option 3 = 3
    the first = 1
    the last = -1
    second to last = -2
    the latter = -1
    neither = -
""")

DIGITS = table("""
    一三八零零一三 = 1380013
    幺三八 嗯 零零零零 那个 零零零幺 = 13800000001
    洞拐洞洞 = 0700
    两个八三个零 = 88000
    三个八一个六 = 8886
    一百三十八零零 = 13800
    三十四五十六 = 3456
    尾号是一二三四 = 1234
    我的号码是138-0000-0002 = 13800000002
    五六七叉 = 567X
    一二三四，不对，一二三五 = 1235
    叉五六七 = -
    八块 = -
    one three eight double five oh = 138550
    triple five one two = 55512
    twelve thirty-four = 1234
    one twenty three = 123
    it's one two um three four = 1234
    ending in four five six seven = 4567
    five six seven X = 567X
    one two three four, no, sorry, one two three five = 1235
    five dollars = -
""")

NUMBERS_OF_A_SHAPE = [
    ("phone", "幺三八零零零零零零零幺", "13800000001"),
    ("phone", "+86 138 0000 0001", "13800000001"),
    ("phone", "零一零六二三四五六七八", "01062345678"),
    ("phone", "四零零八八八八零零零", "4008888000"),
    ("phone", "一二八零零零零零零零零", None),
    ("card", "六二二二零二幺二三四五六七八九零", "6222021234567890"),
    ("card", "六二二二", None),
    ("id_number", "一一零一零五一九四九一二三一零零二叉", "11010519491231002X"),
    ("id_number", "一一零一零五", None),
]

YES_NO = table("""
    是的 = yes
    嗯 = yes
    好的 = yes
    可以啊 = yes
    行 = yes
    没错 = yes
    没问题 = yes
    不错 = yes
    不是不行 = yes
    没有不对 = yes
    为什么不呢 = yes
    当然可以 = yes
    不是的 = no
    不对 = no
    不行 = no
    不用了 = no
    算了 = no
    没有 = no
    不是我 = no
    还没有 = no
    当然不行 = no
    不方便 = no
    好嘞 = yes
    你搞错了 = no
    嗯，不是 = no
    好的，不用了，谢谢 = no
    对不起，不行 = no
    是不是 = -
    是的不是 = -
    不知道 = -
    也许 = -
    对不起 = -
    天气不错 = -
    yeah = yes
    why not = yes
    no problem = yes
    I don't mind = yes
    that's right = yes
    I think so = yes
    not bad = yes
    sure thing = yes
    I suppose not = no
    you're wrong = no
    nope = no
    not really = no
    I don't think so = no
    of course not = no
    that's not right = no
    no, that's wrong = no
    okay, no = no
    never mind = no
    yes, no = -
    not sure = -
    maybe = -
    I want a loan = -
""")

COMMANDS = table("""
    你们不要再给我打电话了 = stop_calling
    别再骚扰我 = stop_calling
    你打错了 = not_me
    我不是王先生 = not_me
    我要找人工客服 = agent
    转人工 = agent
    不要转人工 = -
    我在开会 = call_later
    下午三点再打给我 = call_later
    麻烦你说慢一点 = slower
    没听清 = repeat
    返回上一步 = back
    回到主菜单 = main_menu
    请讲英语 = language
    在开车，别再打了 = stop_calling
    查余额 = -
    please stop calling me = stop_calling
    you have the wrong number = not_me
    I'd like to speak to an agent = agent
    I don't want an agent = -
    I'm driving, call me back later = call_later
    slow down please = slower
    what did you say = repeat
    go back = back
    main menu = main_menu
    speak Chinese please = language
    what's my balance = -
""")

BIRTH_DATES = table("""
    一九八五年三月十二号 = 1985-03-12
    八五年三月十二 = 1985-03-12
    1985年3月12日 = 1985-03-12
    1985-3-12 = 1985-03-12
    零一年十二月三十一号 = 2001-12-31
    两千零一年一月五号 = 2001-01-05
    两千年十月一号 = 2000-10-01
    一九八五零三一二 = 1985-03-12
    三月十二号，不对，八五年三月十三号 = 1985-03-13
    八五年二月三十号 = -
    三月十二号 = -
    二零二七年一月一号 = -
    一八九零年一月一号 = -
    一九八五零三 = -
    March twelfth nineteen eighty-five = 1985-03-12
    the twelfth of March, nineteen eighty five = 1985-03-12
    March 12th, 1985 = 1985-03-12
    one nine eight five oh three one two = 1985-03-12
    May first two thousand and one = 2001-05-01
    March third twenty thirty = -
    March twelfth = -
""")

KEYED_DAYS = table("""
    1 = 2026-11-23
    1123 = 2026-11-23
    1205 = 2026-12-05
    0115 = 2027-01-15
    0229 = 2028-02-29
    0230 = -
    1301 = -
    15 = -
""")

TABLES = {
    "birth_date": BIRTH_DATES,
    "keyed_day": KEYED_DAYS,
    "amount": AMOUNTS,
    "date": DATES,
    "time": TIMES,
    "moment": MOMENTS,
    "period": PERIODS,
    "rating_5": RATINGS_OF_5,
    "rating_10": RATINGS_OF_10,
    "ordinal": ORDINALS,
    "digits": DIGITS,
    "yes_no": YES_NO,
    "command": COMMANDS,
}
ROWS = [
    (reader, words, value) for reader, rows in TABLES.items() for words, value in rows
] + NUMBERS_OF_A_SHAPE


@pytest.mark.parametrize("reader", READERS)
def test_what_callers_say_has_the_value_that_they_mean(reader: str) -> None:
    wrong = {
        words: found
        for name, words, value in ROWS
        if name == reader and (found := read(name, words)) != value
    }
    assert not wrong


def test_every_reader_has_its_table() -> None:
    assert {reader for reader, _, _ in ROWS} == set(READERS)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "text", ["", " ", "。", "x" * 500, "一" * 500, "one " * 200, "不对", "no", "第", "点", "１", "²"]
)
def test_whatever_is_said_is_read_or_refused_but_never_fails(reader: str, text: str) -> None:
    for language in ("zh-CN", "en-US"):
        value = READERS[reader](text, language, NOW)
        assert value is None or value


def test_a_day_is_counted_from_the_day_where_the_customer_is() -> None:
    late_in_london = datetime(2026, 11, 30, 23, 30, tzinfo=timezone(timedelta(0)))
    in_shanghai = late_in_london.astimezone(timezone(timedelta(hours=8)))
    assert READERS["date"]("明天", "zh-CN", late_in_london) == "2026-12-01"
    assert READERS["date"]("明天", "zh-CN", in_shanghai) == "2026-12-02"
    assert READERS["date"]("月底", "zh-CN", in_shanghai) == "2026-12-31"
