using CsCheck;

namespace AgentHosting.Compliance.Model;

/// <summary>Makes random sequences in which runs mostly get on, so that all that can befall a run befalls some.</summary>
internal static class RunStoreGenerator
{
    private static readonly Gen<RunStoreCommandKind> Kind = Gen.Frequency(
        (18, RunStoreCommandKind.Enqueue),
        (1, RunStoreCommandKind.FindByKey),
        (18, RunStoreCommandKind.Claim),
        (3, RunStoreCommandKind.Renew),
        (6, RunStoreCommandKind.CommitStep),
        (5, RunStoreCommandKind.AppendEvents),
        (8, RunStoreCommandKind.OpenWait),
        (8, RunStoreCommandKind.Suspend),
        (5, RunStoreCommandKind.Answer),
        (4, RunStoreCommandKind.RaiseEvent),
        (9, RunStoreCommandKind.Complete),
        (5, RunStoreCommandKind.Release),
        (3, RunStoreCommandKind.Cancel),
        (4, RunStoreCommandKind.Sweep),
        (3, RunStoreCommandKind.Requeue),
        (1, RunStoreCommandKind.Remove),
        (1, RunStoreCommandKind.DeleteSession),
        (1, RunStoreCommandKind.EraseUser),
        (1, RunStoreCommandKind.List),
        (1, RunStoreCommandKind.ReadEvents),
        (8, RunStoreCommandKind.Advance),
        (5, RunStoreCommandKind.Repeat));

    /// <summary>Runs that come and go, and nothing else: who is served when is decided here.</summary>
    private static readonly Gen<RunStoreCommandKind> Traffic = Gen.Frequency(
        (6, RunStoreCommandKind.Enqueue),
        (6, RunStoreCommandKind.Claim),
        (5, RunStoreCommandKind.Complete),
        (1, RunStoreCommandKind.Release),
        (1, RunStoreCommandKind.Cancel));

    public static Gen<RunStoreSequence> Sequences { get; } = Gen.Frequency((4, Of(Kind)), (1, Of(Traffic)));

    private static Gen<RunStoreSequence> Of(Gen<RunStoreCommandKind> kinds)
    {
        var command = Gen.Select(
            kinds, Gen.Int[0, 63], Gen.Int[0, 15], Gen.Int[0, 15], Gen.Int[0, 15], static (kind, target, a, b, c) => new RunStoreCommand(kind, target, a, b, c));
        return Gen.Select(
            Gen.Int[0, 2], Gen.Int[0, 4], command.Array[20, 60], static (limit, small, commands) => new RunStoreSequence(limit, small == 4, commands));
    }
}
