namespace AgentHosting.Compliance.Model;

/// <summary>What can be done to a run store, and to its clock.</summary>
internal enum RunStoreCommandKind
{
    Enqueue,
    FindByKey,
    Claim,
    Renew,
    CommitStep,
    AppendEvents,
    OpenWait,
    Suspend,
    Answer,
    RaiseEvent,
    Complete,
    Release,
    Cancel,
    Sweep,
    Requeue,
    Remove,
    DeleteSession,
    EraseUser,
    List,
    ReadEvents,
    Advance,

    /// <summary>The command before it again, with all that it said.</summary>
    Repeat,
}
