using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace AgentHosting.AspNetCore.Runs;

/// <summary>The signatures by which the endpoints are described. They are never called.</summary>
internal static class RunSignatures
{
    public static Delegate Submit { get; } = SubmitSignature;

    public static Delegate Read { get; } = ReadSignature;

    public static Delegate Status { get; } = StatusSignature;

    public static Delegate Session { get; } = SessionSignature;

    public static Delegate Approve { get; } = ApproveSignature;

    public static Delegate Raise { get; } = RaiseSignature;

    public static Delegate Watch { get; } = WatchSignature;

    private static void SubmitSignature(
        [FromBody] RunRequestBody body,
        [FromHeader(Name = "Idempotency-Key"), Description("Makes it safe to send the same request again: the first run is the answer. 1 to 200 visible ASCII characters.")] string? idempotencyKey = null)
    {
    }

    private static void ReadSignature(
        [FromRoute(Name = RunFinder.RouteValue), Description("The id of the run.")] string taskId,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose run it must be.")] string? userId = null)
    {
    }

    private static void StatusSignature(
        [FromRoute(Name = RunFinder.RouteValue), Description("The id of the run.")] string taskId,
        [FromQuery(Name = RunWaiter.Parameter), Description("How many seconds to wait until the run has ended or waits for an answer: 0 (default) to 60.")] double? wait = null,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose run it must be.")] string? userId = null)
    {
    }

    private static void SessionSignature(
        [FromRoute(Name = SessionEndpoints.RouteValue), Description("The id of the conversation.")] string sessionId,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose conversation it is. Left out: the anonymous user's.")] string? userId = null)
    {
    }

    private static void ApproveSignature(
        [FromRoute(Name = RunFinder.RouteValue), Description("The id of the run.")] string taskId,
        [FromBody] ApprovalBody body,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose run it must be.")] string? userId = null)
    {
    }

    private static void RaiseSignature(
        [FromRoute(Name = RunFinder.RouteValue), Description("The id of the run.")] string taskId,
        [FromBody] RaisedEventBody body,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose run it must be.")] string? userId = null)
    {
    }

    private static void WatchSignature(
        [FromRoute(Name = RunFinder.RouteValue), Description("The id of the run.")] string taskId,
        [FromQuery(Name = "after"), Description("The number of the last event already seen.")] long? after = null,
        [FromHeader(Name = "Last-Event-ID"), Description("Like after, and wins over it.")] string? lastEventId = null,
        [FromQuery(Name = "user_id"), Description("Without authentication: whose run it must be.")] string? userId = null)
    {
    }
}
