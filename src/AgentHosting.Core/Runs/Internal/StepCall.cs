namespace AgentHosting.Runs.Internal;

/// <summary>A step or a model call.</summary>
internal sealed class StepCall<T> : CodeCall
{
    // Continuations run inside SetFromTask: that is the turn.
    private readonly TaskCompletionSource<T> _source = new();

    public override Task<T> Task => _source.Task;

    /// <summary>What the call does, or reads from the journal.</summary>
    public Task<T>? Work { get; set; }

    public override void HandOver() => _source.SetFromTask(Work!);
}
