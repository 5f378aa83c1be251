"""客户 360 · Opened before each call and by every drill: who this customer is, how it stands, all that happened, what to do next."""

from lib import terms
from lib.domain.access import Permission
from lib.ui import customer, page

page.begin(terms.CUSTOMER, needs=Permission.CUSTOMER_READ)
chosen = page.asked_number("customer")

if chosen is None:
    customer.directory()
elif customer.head(chosen):
    customer.rooms(chosen)
