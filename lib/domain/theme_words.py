"""Words that name what a text of a customer is about, theme by theme, in Chinese and English; an English phrase has underscores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "quality": """
        质量 品质 材质 做工 工艺 瑕疵 次品 不良品 不良率 残次 合格率 不合格 破损 破碎 损坏 变形 开裂 裂纹 划痕 生锈 异响 色差 掉色 褪色
        尺寸 规格 公差 精度 批次 原料 材料 型号 性能 耐用 寿命 正品 假货 变质 发霉 过期 保质期 新鲜 味道 口感 手感 面料 包装 外箱
        外包装 密封 受潮 漏液 产品 货品 商品 样品 来料 检验报告 质检 product products quality defect defects defective faulty damaged
        damage broken scratch scratched scratches material materials workmanship packaging package packed batch batches sample samples
        specification specifications spec specs durability durable goods item items
    """,
    "delivery": """
        发货 送货 交货 到货 收货 配送 物流 快递 运输 运费 派送 装车 卸货 提货 交付 交期 货期 工期 延期 延误 延迟 迟到 晚到 晚了 送到
        送达 送错 发错 错发 漏发 漏送 少发 缺件 断货 缺货 库存 仓库 司机 骑士 送餐 外卖员 快递员 催单 在途 签收 按时 准时 及时 加急
        备货 排期 补货 补发 物流单 单号 delivery deliveries deliver delivered delivers shipping shipment shipments shipped ship arrive
        arrived arrives arrival late delay delays delayed on_time lead_time warehouse courier driver drivers carrier freight truck
        stock out_of_stock backorder dispatch dispatched transit tracking pallet pallets
    """,
    "billing": """
        对账 对帐 账单 帐单 账目 账款 发票 开票 开发票 票据 税号 抬头 税率 专票 普票 红字 冲红 付款 收款 到账 入账 挂账 欠款 尾款 预付
        余额 月结 结算 核销 回款 催款 催收 账期 多收 多扣 重复扣款 明细 流水 回单 金额 invoice invoices invoicing invoiced billing bill
        bills billed statement statements reconcile reconciled reconciliation payment payments receipt receipts balance overcharged
        overcharge refund refunds refunded credit_note credit_notes dunning tax vat
    """,
    "price": """
        价格 价钱 价位 报价 单价 涨价 降价 调价 优惠 折扣 打折 返利 促销 便宜 贵 性价比 实惠 划算 合同 协议 条款 起订量 最低订量 违约金
        保证金 押金 续签 续约 签约 签合同 年框 框架协议 price prices pricing priced expensive cheap cheaper overpriced pricey cost
        costs costly discount discounts rebate rebates quote quotes quotation contract contracts agreement terms minimum_order fee fees
        competitive value_for_money
    """,
    "service": """
        态度 服务 客服 接待 礼貌 热情 耐心 不耐烦 敷衍 推诿 推脱 沟通 回复 答复 响应 回应 不理 不接电话 没人接 联系不上 联系人 销售
        业务员 业务经理 客户经理 对接人 对接 换人 人员 素质 专业 拜访 回访 催促 服务员 店员 商家 老板 电话 态度好 态度差 service
        attitude rude polite friendly helpful unhelpful professional unprofessional staff representative rep reps manager team support
        responsive response responses reply replies replied communication answer_the_phone phone call calls called contact contacts
        courteous
    """,
    "after_sales": """
        售后 维修 保修 质保 返修 返厂 检修 安装 调试 换货 退货 退换 退款 退回 上门 备件 配件 工程师 技术支持 技术员 投诉处理 理赔 赔偿
        赔付 保养 培训 售后服务 after_sales aftersales repair repairs repaired warranty return returns returned replacement
        replacements replace replaced installation install installed spare_parts spare_part technician technicians engineer engineers
        maintenance training claim claims
    """,
    "system": """
        系统 网站 网页 平台 软件 app 小程序 公众号 登录 登陆 登不上 账号 密码 验证码 页面 界面 下单系统 订货系统 接口 数据 导出 导入
        下载 上传 报错 卡顿 卡死 死机 闪退 崩溃 打不开 更新 升级 网上 在线 线上 电子 自助 查询 扫码 二维码 功能 system systems website
        site portal platform software online login log_in password page screen interface api export import download upload crash
        crashes crashed bug bugs loading update feature features self_service dashboard
    """,
}
"""The first theme of a tie is the one that stands first here. "after_sales": what comes after the goods have come and failed."""
