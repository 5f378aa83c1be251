"""Words that praise and blame, in Chinese and English: what `lib/domain/moods.py` reads texts of customers by.

Compiled for a trading and service company, with the everyday words around it. Words stand in groups of equal weight, split by blanks;
an English phrase has underscores between its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

VERSION: Final = 1
"""Counts up whenever a list here or in `theme_words` changes: texts read by an earlier one are read again."""

_GREAT_ZH: Final = """
非常满意 很满意 十分满意 特别满意 超级满意 完美 超赞 太棒 太好了 好极了 棒极了 一流 顶级 卓越 惊艳 惊喜 无可挑剔 没得说 没话说 没的说
强烈推荐 大力推荐 极力推荐 墙裂推荐 五星好评 好评如潮 满分 物超所值 超值 爱不释手 赞不绝口 值得信赖 值得信任 帮了大忙 雪中送炭 感激不尽
喜出望外 挑不出毛病
"""
_GOOD_ZH: Final = """
满意 喜欢 喜爱 好评 推荐 点赞 赞 棒 优秀 优质 出色 不错 挺好 很好 真好 蛮好 超好 较好 好用 好使 好看 好喝 好吃 好玩 好闻 好书 好东西
好店 好商家 美味 可口 香甜 鲜美 新鲜 香 鲜 甜 酥脆 入味 地道 正宗 正品 真品 足量 量足 份量足 分量足 足秤 漂亮 精美 精致 美观 大方 舒服
舒适 舒心 放心 安心 省心 贴心 暖心 用心 细心 耐心 热心 热情 热诚 周到 周全 体贴 礼貌 客气 友好 友善 和气 和善 亲切 温馨 专业 敬业 认真
负责 尽责 靠谱 可靠 可信 诚信 诚实 实在 厚道 良心 守信 守时 准时 按时 及时 如期 提前送到 提前到 迅速 快速 快捷 高效 神速 飞快 飞速 火速
秒回 很快 挺快 真快 超快 够快 蛮快 快的很 给力 方便 便捷 便利 省事 省力 省时 简便 轻松 顺利 顺畅 流畅 顺滑 稳定 稳妥 稳当 扎实 结实
耐用 牢固 坚固 清晰 清楚 明了 齐全 完整 完好 完善 规范 整齐 干净 整洁 卫生 健康 安全 严密 严实 实惠 划算 合算 便宜 优惠 公道 合理 公平
值得 值了 很值 超值 性价比高 物美价廉 价廉物美 划得来 感谢 谢谢 多谢 感激 感动 开心 高兴 愉快 欣慰 欢喜 幸福 享受 赏心悦目 有帮助 有用
有效 实用 受益 受用 收获 启发 精彩 经典 感人 有趣 有意思 生动 深刻 细腻 优美 可爱 温暖 期待下次 下次还来 还会来 还会买 还会再来 会再来
再次光临 还会光顾 会回购 回购 回头客 再来 继续合作 长期合作 愿意合作 合作愉快 一如既往 越来越好 有进步 有改进 有改善 改善明显 明显改善
大有改善 提升明显 到位 过硬 优良 良好 上乘 精良 领先 先进 合格 达标 符合要求 符合预期 超出预期 超过预期 出乎意料的好 名不虚传 名副其实
货真价实 一分钱一分货 信赖 信得过 认可 赞赏 欣赏 佩服 表扬 称赞 好样的 解决了 解决问题 帮我解决 已经解决 及时解决 有问必答 随叫随到
响应快 响应及时 回复快 回复及时 反馈快 反馈及时 处理快 处理及时 效率高 速度快 发货快 送货快 物流快 到货快 交货快 交期准 交货准时
到货准时 配合度高 态度好 服务好 质量好 品质好 口碑好 信誉好 脾气好 沟通顺畅 对账清楚 账目清楚 一目了然 上手快 易用 智能 强大 给五星
五星 全五分 灵敏 静音 轻便 轻薄 小巧 时尚 大气 高档 上档次 有质感 手感好 柔软 柔顺 透气 合身 合适 显瘦 保暖 不贵 不慢 不差 不坏 没问题
没有问题 无异味 没异味 没有异味 挺不错 物有所值 对得起 爱吃 爱看 爱喝 最爱 真爱 爱了 辛苦了 辛苦啦 好快 好香 好值 好评给 棒棒 棒棒哒
么么哒 杠杠的 杠杠滴 妥妥 没毛病 赞一个 顶一个 一级棒 好赞 好棒 必须赞 必须好评
"""
_MILD_GOOD_ZH: Final = """
还行 还可以 还好 可以 尚可 过得去 还不错 凑合着好 够用 正常 好 快 爱 值 足 强 稳 优 美 满足 能接受 可接受 配合 改善 进步 提升 鼓励
"""
_AWFUL_ZH: Final = """
非常不满意 很不满意 十分不满 极不满意 极其不满 极差 太差 最差 超差 巨差 差极了 差劲 差评 糟糕 糟透 恶劣 垃圾 骗子 欺骗 诈骗 坑人 坑爹
坑死 坑货 黑店 黑心 奸商 无良 忍无可忍 无法忍受 不能忍 愤怒 气愤 气死 气人 火大 恶心 恶心死 想吐 呕吐 拉肚子 食物中毒 投诉 举报 再也不
再不会 绝不会再 永远不会再 永不再 最后一次 拉黑 解除合作 终止合作 停止合作 换供应商 更换供应商 另找 另寻 赔偿 维权 起诉 律师函 霸王条款
店大欺客 假货 假冒 仿冒 山寨 水货 冒牌 伪劣 次品 残次品 翻新 破烂 烂透 稀烂 难吃 难吃死 难喝 难闻 难看 难用 丑陋 丑死 脏死 无语 醉了
呵呵 倒霉 倒胃口 上当 受骗 被骗 被坑 忽悠 敷衍了事 推三阻四 互相推诿 踢皮球 石沉大海 杳无音信 不了了之 一塌糊涂 乱七八糟 一团糟
"""
_BAD_ZH: Final = """
不满意 不满 不喜欢 不推荐 不值 不值得 不好 不好用 不好吃 不好看 不好喝 不行 不太好 不太行 不怎么样 不怎么好 不咋地 不咋样 不给力 不靠谱
不可靠 不稳定 不方便 不舒服 不合理 不合适 不合格 不合算 不划算 不达标 不准时 不及时 不按时 不守时 不守信 不负责 不负责任 不专业 不耐烦
不礼貌 不客气 不友好 不热情 不积极 不主动 不理人 不搭理 不理不睬 不理 不管 不认 不认账 不退 不换 不给退 不给换 不解决 不处理 不回复
不回 不接 不接电话 不通知 不告知 不说明 不清楚 不清晰 不明白 不透明 不一致 不一样 不符 不相符 不符合 不对 不对版 不对账 不准 不准确
不新鲜 不熟 不香 不足 不够 不全 不齐 不见 不到位 不上心 不用心 不重视 不在乎 不配合 不兼容 不灵 不灵敏 不动 不能用 不耐用 不结实 不安全
不卫生 不干净 不规范 不正规 不敢 不想再 不会再 不再 不爽 不开心 不高兴 不愉快 不甘心 不如 没用 没有用 没效果 没有效果 没诚意 没素质
没礼貌 没人管 没人理 没人接 没人回 没下文 没收到 没有收到 没送到 没送 没到 没回复 没有回复 没反应 没有反应 没处理 没解决 没有解决
没味道 没味 没法用 没法看 没法吃 没意思 没给 没放 没货 未收到 未解决 未处理 未到 未回复 未送 未按 无人 无人接 无法 无用 无聊 无效 无味
失望 失误 失败 遗憾 可惜 后悔 郁闷 伤心 寒心 心寒 心塞 生气 恼火 讨厌 厌烦 烦人 烦 麻烦 费劲 费力 费事 费时 费解 折腾 繁琐 复杂 头疼
头痛 担心 担忧 怀疑 质疑 抱怨 埋怨 吐槽 崩溃 闹心 糟心 堵心 差 差远 差很多 差太多 较差 很差 真差 太次 次 烂 破 旧 脏 臭 腥 糊 焦 苦 酸
咸 淡 腻 油腻 太油 太辣 太咸 太甜 太淡 太硬 太软 太干 太冷 凉 凉了 冷了 冰凉 都凉 硬 馊 变质 发霉 霉 过期 腐烂 坏 坏了 坏的 烂的 烂了
死机 黑屏 蓝屏 花屏 卡 卡顿 卡死 闪退 报错 出错 错误 错 发错 送错 弄错 搞错 错发 错漏 漏发 漏送 漏 少发 少送 少了 少给 缺 缺少 缺货
缺件 缺失 断货 短缺 破损 损坏 破碎 碎了 压坏 摔坏 变形 划痕 裂 裂缝 裂开 开裂 掉漆 掉色 褪色 掉毛 起球 缩水 脱线 开线 线头 漏水 漏电
漏油 漏液 生锈 异味 异响 噪音 刺鼻 发热 发烫 烫手 死慢 慢 慢死 太慢 很慢 超慢 巨慢 迟 迟到 延迟 延误 延期 拖延 拖拉 拖沓 拖 耽误 耽搁
误期 超时 逾期 滞后 迟迟 至今没 一直没 一直不 还没到 还没有 还没 还不 等了 久等 催 催了 催促 反复催 多次催 催单 慢吞吞 效率低 低效 低下
态度差 服务差 质量差 品质差 态度恶劣 冷淡 冷漠 傲慢 粗鲁 粗暴 蛮横 凶 骂人 骂 吵 吵架 顶嘴 甩锅 推诿 推脱 推卸 推托 扯皮 敷衍 应付 糊弄
马虎 粗心 粗糙 草率 随便 随意 混乱 杂乱 凌乱 错乱 模糊 含糊 隐瞒 虚假 虚高 虚标 夸大 误导 坑 宰客 偷工减料 缺斤少两 缺斤短两 短斤少两
以次充好 货不对板 名不副实 徒有虚名 言而无信 说话不算话 出尔反尔 反悔 失信 违约 食言 乱收费 多收 多扣 重复收费 重复扣款 涨价 贵 太贵
偏贵 昂贵 偏高 过高 离谱 太高 对不上 对不拢 对不起来 账不对 对账不清 账目不清 开错 开票慢 退票 退货 退款 退回 返工 返修 故障 毛病 缺陷
瑕疵 隐患 问题 有问题 质量问题 出问题 困难 障碍 瘫痪 崩 宕机 掉线 断线 断网 打不开 登不上 登录不了 登不进 进不去 连不上 上不去 用不了
用不上 找不到 找不着 看不清 看不懂 打不通 联系不上 收不到 装不上 充不进 开不了机 退不了 提不出 导不出 查不到 吃不下 咬不动 受不了 服了
够呛 勉强 凑合 一般 一般般 一般化 马马虎虎 普通 平平 平淡 将就 中规中矩 鸡肋 浪费 白花 白等 白跑 白费 冤枉 亏 吃亏 上火 造成损失 损失
影响生产 影响使用 影响心情 停产 停工 停线 误工 耽误生产 不公平 不公正 说不过去 晚到 晚了 晚送 毛刺 停用 停了 违规 占线 压力很大 压力大
没有提前 没有通知 没通知 没有回访 没回访 没有下文 有待 需要改进 需改进 急需改进 有待改进 有待提高 有待加强 需要加强 需要提高 要加强
要改进 希望改进 希望改善 请改进 尽快解决 尽快处理 变差 越来越差 大不如前 不如以前 不如从前 今不如昔 退步 小气 抠 抠门 骗 欺负 欺诈 猫腻
陷阱 套路 强制 强迫 捆绑 硬塞 死板 呆板 僵化 官僚 麻木 消极 怠慢 懈怠 懒 差异大 误差大 伤 惨 惨了 悲剧 悲催 唉 哎 晕 汗 擦 靠 妈的 他妈
尼玛 卧槽 草泥马 滚 呸 啥玩意 什么玩意 什么东西 什么态度 什么服务 搞什么 怎么回事 什么鬼 几个意思 有病 坑啊 头发丝 头发 虫子 苍蝇 小强
石子 钢丝 拉稀 难受 想哭 哭 疼 痛 过敏 瘙痒 掉头发 头屑 慎买 慎重 谨慎购买 别买 不要买 不买 千万别 劝退 避雷 踩雷 踩坑 雷 退订 注销
取消订单 被取消 取消了 差强人意 退换 换货 补发 重发 返还 赔 赔付 拒绝 拒收 拒不 无故 无理 不讲理 蛮不讲理 强词夺理
"""
_MILD_BAD_ZH: Final = """
有点 有些 稍微 偏 略 竟然 居然 根本 究竟 到底 害得 才到 半天 几个小时 一个多小时 两个小时 一小时 1小时 2小时 半小时
"""
_GREAT_EN: Final = """
excellent outstanding superb fantastic amazing awesome brilliant perfect perfectly wonderful exceptional terrific flawless best loved
love delighted impressed second_to_none above_and_beyond highly_recommend top_notch first_class world_class well_done
could_not_be_happier
"""
_GOOD_EN: Final = """
good great nice pleased happy satisfied satisfying satisfactory helpful friendly polite courteous professional knowledgeable responsive
reliable dependable consistent prompt promptly quick quickly fast faster fastest speedy timely punctual on_time ahead_of_time efficient
smooth smoothly seamless easy easily simple convenient clear clearly accurate correct fair reasonable affordable cheap competitive
worth valuable value_for_money recommend recommended recommends thank thanks thankful grateful appreciate appreciated enjoy enjoyed
enjoyable glad fun delicious tasty fresh beautiful comfortable solid sturdy durable robust stable secure trustworthy trust honest
transparent attentive patient kind caring thorough careful proactive flexible improved improves improvement better resolved solved
sorted fixed works_well work_well works_great worked_well well well_made well_packed well_designed impressive effective useful like
liked likes cool neat clean crisp superior ideal favorite favourite pleasant pleasure positive praise kudos congratulations no_problem
no_problems no_issues no_complaints without_a_hitch without_issues never_fails keep_it_up look_forward looking_forward five_stars
"""
_MILD_GOOD_EN: Final = "ok okay fine decent acceptable adequate alright works worked supportive not_bad"
_AWFUL_EN: Final = """
terrible horrible awful dreadful appalling atrocious disgusting disgusted disgraceful outrageous unacceptable worst pathetic useless
worthless garbage trash crap scam fraud ripoff rip_off nightmare disaster furious hate hated hates never_again lawsuit liar liars lied
joke lose_us switch_supplier switching_supplier change_supplier another_supplier stay_away waste_of_money waste_of_time
"""
_BAD_EN: Final = """
bad poor poorly worse disappointing disappointed disappointment unhappy dissatisfied unsatisfied unsatisfactory frustrated frustrating
frustration annoyed annoying angry upset rude impolite unprofessional unfriendly unhelpful incompetent careless sloppy lazy ignored
ignores ignore slow slowly sluggish late later_than delay delays delayed overdue missed miss misses missing lost lose losing wrong
wrongly incorrect incorrectly inaccurate mistake mistakes error errors fault faulty defect defects defective damaged damage broken
broke breaks break crash crashed crashes crashing freezes frozen bug bugs buggy fail fails failed failing failure failures problem
problems problematic issue issues trouble troubles troublesome difficult hard complicated confusing confused unclear cumbersome clumsy
tedious expensive overpriced pricey overcharged overcharge costly unfair unreasonable hidden_fees unreliable inconsistent unstable burr
burrs did_not_match does_not_match not_match price_rise above_the_market without_a_word too_many short_shipment complaint complaints
complain complained refund refunded refused refuses cancel cancelled canceled waste wasted cheaply flimsy weak leak leaks leaking
leaked dirty stale cold bland tasteless smelly noisy loud ugly boring dull lacking lacks lack shortage short_shipped out_of_stock wait
waited waiting unanswered no_answer no_reply no_response never_answered never_replied nobody_answers nobody_called no_one_answers chase
chased chasing pushed_around passed_around excuses excuse blame blames unable cannot_open cannot_log wont_open does_not_work
not_working doesnt_work didnt_work did_not_work dead died avoid regret sucks sucked suck stupid ridiculous mess messy chaos chaotic sad
unfortunately mediocre average disconnected misleading dishonest deceptive declined down_again downtime worsened deteriorated
deteriorating went_down gone_downhill downhill returned mismatch mismatched mismatches
"""
_MILD_BAD_EN: Final = "should needs need only meh so_so unexpected instead"

NEITHER: Final = """
普通发票 普票 一般纳税人 值班 数值 价值 面值 产值 市值 足球 强制性 优惠券 投诉电话 投诉渠道 举报电话 退货单 退货流程 退款流程 换货流程
问题反馈 常见问题 提问题 错误码 可以吗 能不能再 方便时 方便的话 破折号 差不多 差额 差旅 出差 时差 色差仪 误差范围 坏账 坏账率 凉鞋 凉席
苦瓜 酸奶 咸菜 香蕉 香水 香港 甜点 贵司 贵公司 贵方 贵州 贵阳 宝贵 珍贵 高贵 慢慢 慢走 快递 快件 快餐 爱好 好友 好多 好几 好像 好歹
正好 只好 最好 刚好 还好吗 你好 您好 幸好 一般来说 一般情况 不一般 不仅 不但 不只 不光 不止 不错过 不知 不同 不断 不久 不论 不管怎样
没事 没准 问题是 次数 每次 这次 那次 一次 首次 多次合作 再次 上次 下次 两次 三次 第一次 其次 批次 层次 次日 麻烦您 麻烦你 麻烦尽快
麻烦帮 短信 小时 小程序 小组 小区 大小 大家 多少 少数 至少 重要 重点 重新 重复 薄膜 暗示 like_to better_if good_morning good_afternoon
good_day good_luck no_one nobody no_longer as_well_as
"""
"""Words that hold one of the others and mean neither: 贵公司 is not dear, 普通发票 not plain."""

WEIGHTS: Final[tuple[tuple[str, float], ...]] = (
    (NEITHER, 0.0),
    (_MILD_GOOD_ZH, 0.5),
    (_MILD_BAD_ZH, -0.2),
    (_GOOD_ZH, 1.0),
    (_BAD_ZH, -1.0),
    (_GREAT_ZH, 1.6),
    (_AWFUL_ZH, -1.8),
    (_MILD_GOOD_EN, 0.5),
    (_MILD_BAD_EN, -0.2),
    (_GOOD_EN, 1.0),
    (_BAD_EN, -1.0),
    (_GREAT_EN, 1.6),
    (_AWFUL_EN, -1.8),
)
"""Lists with what each of their words weighs; a word in several counts as in the last."""

SIGNS: Final[Mapping[str, float]] = {
    "👍": 1.2, "😊": 1.0, "😄": 1.0, "😁": 1.0, "😀": 1.0, "😍": 1.5, "🥰": 1.5, "❤": 1.2, "🌹": 1.0, "🎉": 1.0, "👏": 1.2,
    "😋": 1.0, "🙏": 0.5, "👌": 1.0, "💯": 1.5, "⭐": 0.8, ":)": 0.8, ":-)": 0.8, ":d": 1.0, "^_^": 1.0, "^^": 0.8, "(^o^)": 1.0,
    "o(∩_∩)o": 1.0, "💪": 0.8,
    "👎": -1.5, "😡": -1.8, "😠": -1.5, "🤬": -1.8, "😤": -1.2, "😞": -1.0, "😔": -1.0, "😢": -1.0, "😭": -1.0, "😩": -1.2, "😒": -1.0,
    "🙄": -1.0,
    "💔": -1.5, "🤮": -1.8, "🤢": -1.5, "😓": -0.8, "😰": -0.8, ":(": -0.8, ":-(": -0.8, "t_t": -1.0, "t.t": -1.0, "→_→": -0.6, "-_-": -0.8,
    "(╯‵□′)╯": -1.2, "╮(╯▽╰)╭": -0.6,
}  # fmt: skip
"""Emoji and faces made of characters."""

_NEGATORS: Final = """
不 没 没有 无 未 别 非 并非 不是 并不 并不是 毫无 毫不 不太 不够 不算 不怎么 不大 不曾 从未 从不 从来没 从来没有 难以 谈不上 算不上
称不上 没什么 没啥 不会 不能 没能 未能 不要 不用 缺乏 not no never none neither nor without hardly barely isn't wasn't aren't weren't
don't doesn't didn't won't can't cannot couldn't wouldn't shouldn't haven't hasn't hadn't ain't isnt wasnt arent dont doesnt didnt wont
cant couldnt wouldnt shouldnt
"""
NEGATORS: Final = frozenset(_NEGATORS.split())
"""Words that turn what follows into its opposite."""

DEGREES: Final[Mapping[str, float]] = {
    word: factor
    for words, factor in (
        (
            "太 极 极其 极为 超 超级 巨 特 最 简直 实在 死 完全 彻底 绝对 extremely absolutely totally completely utterly",
            1.6,
        ),
        (
            "很 非常 十分 特别 相当 挺 蛮 真 真的 好 更 更加 尤其 格外 确实 very really so too quite highly truly",
            1.3,
        ),
        ("比较 较 还 还是 还算 算 算是 有点 有点儿 有些 稍 稍微 略 略微 多少 somewhat slightly rather fairly bit little", 0.7),
    )
    for word in words.split()
}
"""Words that make what follows weigh more or less."""

_TURNS: Final = """
但 但是 可是 不过 然而 却 只是 就是 只不过 美中不足 唯一不足 唯一 唯独 可惜 but however although though yet except unfortunately
"""
TURNS: Final = frozenset(_TURNS.split())
"""From here on counts more, and what stood before counts less: people say politely first, then what they mean."""

_HIGH: Final = (
    "价格 价钱 价位 报价 单价 费用 运费 成本 收费 手续费 服务费 门槛 起订量 退货率 故障率 误差率 投诉率 price prices cost costs fee fees",
    "质量 品质 效率 性价比 素质 水平 水准 档次 精度 准确率 配合度 专业度 满意度 颜值 质感 quality standard standards",
)
_LONG: Final = ("时间 周期 交期 账期 流程 等待 战线 lead_time process", "寿命 保质期 续航 待机")
_MANY: Final = (
    "问题 毛病 错误 差错 错别字 故障 bug 广告 手续 环节 投诉 漏洞 借口 complaints errors mistakes",
    "品种 品类 选择 样式 花样 款式 优惠 功能 肉 料 量 份量 分量 choices options",
)
_LARGE: Final = ("误差 偏差 差距 差异 噪音 噪声 声音 味道 气味 损耗 出入 变动 波动", "份量 分量 力度 个头 屏幕 空间 容量")
FRAMES: Final[Mapping[str, tuple[str, str, float]]] = {
    **dict.fromkeys(("高", "上涨", "涨", "high", "higher", "up"), (*_HIGH, 1.0)),
    **dict.fromkeys(("低", "降", "下降", "降低", "减少", "low", "lower"), (*_HIGH, -1.0)),
    **dict.fromkeys(("长", "久", "long", "longer"), (*_LONG, 1.0)),
    **dict.fromkeys(("短", "short", "shorter"), (*_LONG, -1.0)),
    **dict.fromkeys(("多", "多的", "many"), (*_MANY, 1.0)),
    **dict.fromkeys(("少", "少的", "few", "fewer"), (*_MANY, -1.0)),
    **dict.fromkeys(("大", "large"), (*_LARGE, 1.0)),
    **dict.fromkeys(("小", "small"), (*_LARGE, -1.0)),
}
"""Words that praise one noun and blame another: after a noun of the first list they blame, of the second they praise; −1: the other way."""
