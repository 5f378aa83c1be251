"""Whether a promise says what is to be done, as far as its first words show. Pure; a list, so it warns and never refuses."""

from __future__ import annotations

import re
from typing import Final


def begins_with_verb(said: str) -> bool:
    """“核对…”, “call …” do; “回款问题” does not."""
    words = _LEADING.sub("", said.strip().lower())
    return words.startswith(_CHINESE) or words.split(" ", 1)[0] in _ENGLISH


_LEADING: Final = re.compile(
    r"^(?:尽快|先|再|立即|马上|今天|明天|本周|下周|月底前|[下本]?周[一二三四五六日天]前?|由.{2,4}?|please|[，,：: ])+(?=.)"
)
"""What may stand before the verb: by when, by whom."""
_CHINESE_WORDS: Final = """
    把 给 向 对每 与 和 跟 同 让 请 带 催 查 核 补 改 打 谈 写 寄 约 问 找 报 签 退 停 送 派 定 调 安排 办理 拜访 准备 比较 拆分 撤 成立
    澄清 处理 登门 对账 对清 发给 发出 发送 发布 反馈 访 分析 更新 更换 沟通 关闭 回访 回电 回复 汇总 会同 缓 计算 加强 减少 检查 建 降低
    交 教 解决 解释 接 结清 介绍 决定 开 联系 列 落实 拿 拟 排 培训 评估 清 取 去 确 上门 申请 审 升级 试 收集 收回 梳理 说明 算 缩短 提
    通知 统计 推 完成 完善 细化 下单 限 想 协商 协调 修 选 询 研究 演示 验 邀 引入 盯 优化 运 暂停 增 整理 支付 执行 指定 制 追 转 走访
    组织 做 学习 讨论 复盘 复核 面谈 告知 公布 取消 冻结 放行 重新 设 监控 跟进 跟踪
"""
_CHINESE: Final = tuple(_CHINESE_WORDS.split())
_ENGLISH_WORDS: Final = """
    add agree analyse analyze answer apply arrange ask assess assign attach bill book bring build call cancel change chase check clean clear
    close collect compare confirm contact correct create cut decide define deliver describe design discuss document draft email escalate
    explain extend find finish fix follow freeze get give hand help hire hold improve inform introduce invite invoice issue join launch
    list look make map measure meet move negotiate offer open order organise organize pay phone plan post prepare present propose provide
    publish put raise reach reconcile record reduce refund release remind remove repair replace reply report request resolve review revise
    run schedule search sell send set settle share ship show sign solve speak split start stop study submit suggest take talk teach tell
    test trace track train transfer translate try turn update verify visit wait walk warn write
"""
_ENGLISH: Final = frozenset(_ENGLISH_WORDS.split())
