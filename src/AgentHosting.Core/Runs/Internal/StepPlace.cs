namespace AgentHosting.Runs.Internal;

/// <summary>Where a step was begun: after which other one in the same flow of the code.</summary>
internal sealed class StepPlace(StepPlace? before)
{
    /// <summary>Whose step it is; <see langword="null"/> until it is begun.</summary>
    public RunScope? Scope { get; private set; }

    private StepPlace? Before { get; set; } = before;

    public void Begin(RunScope scope)
    {
        Scope = scope;
        Before = Before?.Scope == scope ? Before : null;
    }

    /// <summary>Whether every step since is part of what this flow has done or called. Else flows run side by side, and whose step comes first would be chance.</summary>
    public bool Follows(StepPlace? last)
    {
        var place = last;
        while (place is not null && place != Before)
        {
            place = place.Before;
        }

        return place == Before;
    }
}
