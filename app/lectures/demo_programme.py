"""The demo campus's lectures: what they are about and when, relative to the moment of seeding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DemoLecture:
    """One line of the programme. `day` and `hour` are campus time, day 0 is today; `opens`, `closes` are from now.

    `filled` seats and `waiting` places are taken by students; `only` names colleges, `reserved` a college's seats.
    """

    title: str
    speaker: str
    place: str
    summary: str
    day: int
    hour: int
    opens: timedelta
    closes: timedelta | None = None
    capacity: int = 200
    line: int = 40
    filled: int = 0
    waiting: int = 0
    only: tuple[str, ...] = ()
    reserved: tuple[str, int] | None = None


PROGRAMME: tuple[DemoLecture, ...] = (
    # open now
    DemoLecture(
        "大语言模型会推理吗？从统计到思维", "林若彤 教授 · 计算机学院", "图书馆报告厅",
        "大语言模型在数学和编程题上的表现越来越好，但它们真的在推理吗？报告从概率语言模型讲起，"
        "介绍思维链、工具调用和可验证奖励，并讨论现有评测的局限。面向全校，无需专业基础。",
        3, 19, -2 * HOUR, capacity=300, filled=126,
    ),
    DemoLecture(
        "How Databases Survive a Crash", "Prof. Elena Petrova · Visiting scholar", "计算机学院 101 报告厅",
        "Write-ahead logs, group commit and what fsync really promises. We pull the plug on a real server, twice, and "
        "look at what is left. The talk is in English; questions in Chinese are welcome.",
        4, 15, -1 * DAY, capacity=120, filled=71,
    ),
    DemoLecture(
        "敦煌壁画里的颜色：矿物、丝路与修复", "沈思源 研究员 · 敦煌研究院", "人文楼 205",
        "石青、石绿和朱砂从哪里来，又为什么会变色？主讲人带来壁画修复现场的一手资料，"
        "并现场演示天然矿物颜料的研磨。",
        2, 19, -5 * HOUR, capacity=150, filled=64,
    ),
    DemoLecture(
        "量子计算：从一个比特开始", "顾明涛 教授 · 物理学院", "物理楼大阶梯教室",
        "不讲公式也能讲清楚的叠加与纠缠；用一台云端真机跑三个小程序，看看“量子优势”今天走到了哪一步。",
        5, 14, -3 * HOUR, capacity=240, filled=88,
    ),
    DemoLecture(
        "求职季：简历与结构化面试", "蒋雨涵 · 就业指导中心", "大学生活动中心 302",
        "三十分钟讲简历，三十分钟模拟面试，剩下的时间逐个点评。请自带一份打印好的简历。",
        1, 18, -6 * HOUR, capacity=80, filled=52,
    ),
    # full, with a line
    DemoLecture(
        "诺贝尔奖得主面对面：蛋白质如何折叠", "Prof. David Lindqvist · Nobel Laureate", "大礼堂",
        "From Levinthal's paradox to structure prediction in seconds: what we understand, what we only predict, and why "
        "the difference matters for new medicines. With simultaneous interpretation into Chinese.",
        6, 19, -1 * DAY, capacity=60, line=40, filled=60, waiting=14,
    ),
    # for some colleges
    DemoLecture(
        "软件工程毕业设计选题说明会", "于俊熙 副教授 · 计算机学院", "计算机学院 203",
        "介绍今年的企业课题和科研课题、双选流程与时间表。仅面向计算机学院和电子信息学院的同学。",
        3, 16, -4 * HOUR, capacity=180, filled=39, only=("计算机学院", "电子信息学院"),
    ),
    DemoLecture(
        "临床技能开放日：心肺复苏与自动除颤仪", "许欣怡 主任医师 · 附属医院", "医学院技能中心",
        "两人一组、人手一个模拟人，学会在救护车到来之前能做的事。合格者发放急救培训证明。",
        7, 9, -2 * HOUR, capacity=48, line=12, filled=17, only=("医学院", "生命科学学院"),
    ),
    # with reserved seats
    DemoLecture(
        "人工智能与材料发现", "高泽楷 教授 · 化学化工学院", "化工楼学术报告厅",
        "自动化实验室一周能做多少次合成？机器学习如何挑选下一个实验？为化学化工学院的同学预留 40 席，"
        "开讲前一天仍未约出的预留席位向全校开放。",
        4, 19, -1 * HOUR, capacity=160, filled=45, reserved=("化学化工学院", 40),
    ),
    # opening within the half hour
    DemoLecture(
        "火星取样返回：我们带回什么", "程浩然 研究员 · 深空探测实验室", "图书馆报告厅",
        "轨道交会、行星保护和一撮红土的分量。报告后有样品容器的工程模型展示。",
        5, 19, 2 * MINUTE, capacity=200,
    ),
    DemoLecture(
        "Attention, Memory, and the Brain", "Dr. Amara Okafor · Neuroscience", "生命科学楼 B101",
        "Why we forget where we put the keys but not the tune from ten years ago. A guided tour with live demonstrations; "
        "you will be surprised by your own eyes.",
        6, 15, 5 * MINUTE, capacity=120,
    ),
    DemoLecture(
        "宋词的声音：吟诵与配乐", "苏婉宁 教授 · 人文学院", "音乐厅",
        "从平仄到工尺谱，古琴与人声现场对读李清照、辛弃疾。座位有限，约满即止。",
        3, 20, 10 * MINUTE, capacity=90, line=30,
    ),
    DemoLecture(
        "读懂上市公司年报", "冯佳琪 副教授 · 经济管理学院", "经管楼 118",
        "三张报表、一份附注，一个小时学会看出“哪里不对劲”。现场拆解两份真实年报。",
        4, 18, 20 * MINUTE, capacity=160,
    ),
    DemoLecture(
        "开源软件贡献入门：从第一个 Pull Request 开始", "何子轩 · 开源社区维护者", "计算机学院 101 报告厅",
        "Fork、issue、review、CI，一次走完。请自带电脑。欢迎零基础同学。",
        8, 19, 30 * MINUTE, capacity=100,
    ),
    # on the coming days
    DemoLecture(
        "城市更新中的桥梁加固", "曹天佑 教授级高工 · 设计研究院", "土木楼报告厅",
        "老桥不拆也能多用三十年？碳纤维、体外预应力与健康监测的工程案例。",
        9, 14, 1 * DAY, capacity=140,
    ),
    DemoLecture(
        "Statistics in the Courtroom", "Prof. Hannah Weiss · Mathematics", "数学楼 301",
        "Birthday coincidences, DNA matches and the prosecutor's fallacy: how numbers convicted the innocent, and how to "
        "ask better questions of them.",
        10, 15, 2 * DAY, capacity=110,
    ),
    DemoLecture(
        "二十四节气与植物物候", "叶晓燕 副教授 · 生命科学学院", "植物园温室",
        "边走边讲，认识校园里三十种植物。遇雨改期，请留意通知。",
        11, 10, 3 * DAY, capacity=40, line=15,
    ),
    DemoLecture(
        "芯片是怎样设计出来的", "董宇浩 教授 · 电子信息学院", "电子楼 A201",
        "从一行 Verilog 到一颗会发热的芯片：前端、后端、流片与封装，以及学生也能参加的开放流片计划。",
        12, 19, 4 * DAY, capacity=180,
    ),
    DemoLecture(
        "日本文学中的“物哀”", "袁诗韵 讲师 · 外国语学院", "外语楼 409",
        "从《源氏物语》到川端康成。中文讲授，附日文原文选读。",
        13, 16, 5 * DAY, capacity=70,
    ),
    DemoLecture(
        "Public Health after the Pandemic", "Dr. Samuel Ortiz · School of Public Health", "医学院报告厅",
        "Surveillance without panic: wastewater, wearables and the long tail of preparedness budgets.",
        14, 15, 6 * DAY, capacity=150,
    ),
    # closed, soon to begin
    DemoLecture(
        "摄影公开课：夜景与长曝光", "卢梓萱 · 校报图片编辑", "艺术楼天台",
        "三脚架、快门线和一点耐心。报名已截止，候补同学请留意短信通知。",
        1, 20, -3 * DAY, -1 * HOUR, capacity=30, line=10, filled=30, waiting=4,
    ),
    # over
    DemoLecture(
        "黑洞照片是怎样“洗”出来的", "潘晨曦 研究员 · 天文台", "大礼堂",
        "口径等于地球直径的望远镜、五千万亿字节的数据，以及一张模糊的甜甜圈。",
        -2, 19, -9 * DAY, capacity=260, filled=143,
    ),
    DemoLecture(
        "Writing Papers That Get Read", "Prof. Ingrid Solberg · Editor", "图书馆报告厅",
        "Titles, figures and the first paragraph: what an editor sees in ninety seconds.",
        -4, 15, -11 * DAY, capacity=180, filled=97,
    ),
    DemoLecture(
        "高铁无砟轨道的毫米之争", "吕文博 教授 · 土木与交通学院", "土木楼报告厅",
        "三百五十公里时速下，一毫米意味着什么。",
        -7, 14, -14 * DAY, capacity=120, filled=58,
    ),
)  # fmt: skip
