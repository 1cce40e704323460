using AgentHosting.Diagnostics;
using AgentHosting.SpendLedgers;
using Microsoft.Extensions.Logging;

namespace AgentHosting.TokenBudgets.Internal;

internal sealed partial class TokenBudgetChatClient
{
    [LoggerMessage(EventIds.BudgetExceeded, LogLevel.Warning, "The {Scope} budget ({Window}, {Unit}) refused a request: {Remaining} of {Limit} are left.", EventName = "BudgetExceeded")]
    private partial void LogExceeded(SpendScope scope, string window, SpendUnit unit, decimal limit, decimal remaining);

    [LoggerMessage(EventIds.BudgetStopped, LogLevel.Warning, "An answer of model '{Model}' was ended at {Tokens} tokens; {MaxTokens} were reserved.", EventName = "BudgetStopped")]
    private partial void LogStopped(string model, long tokens, long maxTokens);

    [LoggerMessage(EventIds.SpendLedgerFailed, LogLevel.Error, "The ledger failed on reservation '{Id}'.", EventName = "SpendLedgerFailed")]
    private partial void LogLedgerFailed(Exception exception, string id);
}
