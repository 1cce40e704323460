using System.Runtime.ExceptionServices;
using AgentHosting.Stages.Internal;

namespace AgentHosting.Runs.Internal;

/// <summary>Runs the code of an agent inside an attempt.</summary>
internal static class CodeAgent
{
    public static async Task<string> RunAsync(RunAttempt attempt, AgentRunContext context, RunSteps steps, TimeProvider timeProvider, Action onAbandoned)
    {
        var code = (Func<AgentRunContext, CancellationToken, Task<string>>)attempt.Agent.Code!;
        var scope = steps.EnterCode();
        string? answer = null;
        ExceptionDispatchInfo? thrown = null;
        try
        {
            answer = await CallAsync(attempt, () => BeginAsync(scope, () => code(context, attempt.Stopping)), timeProvider, onAbandoned);
        }
        catch (Exception exception) when (attempt.StopReason == RunStopReason.None && (scope.Failure is null ? scope.IsWaiting : exception is RunSuspendedException))
        {
            // However the code wrapped it. What is under way is to end first, and a step that failed counts for more.
            thrown = ExceptionDispatchInfo.Capture(exception);
        }
        finally
        {
            scope.Close();
        }

        // Also what the code began and did not await.
        await scope.EndAsync();
        var isWaiting = await scope.CloseAsync();
        attempt.ThrowIfStopped();
        if (isWaiting)
        {
            // Also where the code kept the exception to itself and returned something.
            throw new RunSuspendedException();
        }

        if (scope.Failure is { } failure)
        {
            // Also where the code kept it to itself: the answer would stand on a step that is not in the journal.
            ExceptionDispatchInfo.Throw(failure);
        }

        thrown?.Throw();
        answer = steps.Shown(answer ?? throw new InvalidOperationException($"The code of agent '{attempt.Agent.Name}' returned null. Return the answer, which may be empty."));
        attempt.Transcript.AddAnswer(answer);
        return answer;
    }

    private static Task<string> BeginAsync(RunScope scope, Func<Task<string>> code)
    {
        using (scope.Enter())
        {
            return code();
        }
    }

    private static async Task<string> CallAsync(RunAttempt attempt, Func<Task<string>> code, TimeProvider timeProvider, Action onAbandoned)
    {
        // On the thread pool: code that blocks before its first await must not hold up cancelling.
        var body = Task.Run(code, CancellationToken.None);
        try
        {
            return await body.WaitAsync(attempt.Stopping);
        }
        catch (OperationCanceledException) when (attempt.Stopping.IsCancellationRequested && !body.IsCompleted)
        {
            await BoundedCall.LeaveAsync(body, timeProvider, onAbandoned);
            throw;
        }
    }
}
