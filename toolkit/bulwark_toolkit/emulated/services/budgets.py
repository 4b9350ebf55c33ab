from typing import Final

from bulwark_toolkit.emulated.language import Call, Read, Row, pascal

_BUDGET: Final = {
    "BudgetName": "name",
    "BudgetLimit": {"Amount": "limitAmount", "Unit": "limitUnit"},
    **pascal("budgetType", "timeUnit"),
}

ROWS: Final = {
    "aws:budgets/budget:Budget": Row(
        calls=(
            Call(
                "budgets.CreateBudget",
                {"AccountId": "accountId", "Budget": _BUDGET, "ResourceTags": "tags"},
            ),
        ),
        reads=(
            Read(
                "budgets.DescribeBudget",
                {"AccountId": "accountId", "BudgetName": "name"},
                {
                    "Budget.BudgetName": "name",
                    "Budget.BudgetLimit.Amount": "limitAmount",
                    "Budget.BudgetLimit.Unit": "limitUnit",
                    "Budget.BudgetType": "budgetType",
                    "Budget.TimeUnit": "timeUnit",
                },
            ),
        ),
        # A call for each, in which every topic is a structure of its own: no template says that.
        provider_only=("notifications", "namePrefix"),
        unread={"tags": "moto drops them"},
    ),
}
