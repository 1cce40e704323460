using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    [Fact]
    public async Task NoteStep_Again_NextAttemptGetsTheLast()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        Assert.Empty(first.Notes);
        Assert.Equal(RunWriteOutcome.Committed, await store.NoteStepAsync(first.Lease, Note("1", "a"), Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.NoteStepAsync(first.Lease, Note("1", "b"), Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.NoteStepAsync(first.Lease, Note("1", "b"), Token));
        Assert.Equal(RunWriteOutcome.Committed, await store.NoteStepAsync(first.Lease, Note("s1", "c"), Token));
        Assert.Empty((await GetAsync(store, id)).Steps);
        Assert.Equal("run.queued run.started", await EventTypesAsync(store, id));
        await ReleaseAsync(store, first.Lease, failed: true);

        var notes = (await ClaimOneAsync(store)).Notes;
        Assert.Equal(["1 b", "s1 c"], notes.Select(static note => $"{note.Key} {Encoding.UTF8.GetString(note.Payload.Span)}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task NoteStep_OfALostLease_IsNotKept()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var lost = await ClaimOneAsync(store, lease: Unit);
        await store.NoteStepAsync(lost.Lease, Note("1", "a"), Token);
        await LoseLeasesAsync(store);

        Assert.Equal(RunWriteOutcome.LeaseLost, await store.NoteStepAsync(lost.Lease, Note("1", "late"), Token));
        var next = await ClaimOneAsync(store);
        Assert.Equal(RunWriteOutcome.LeaseLost, await store.NoteStepAsync(lost.Lease, Note("1", "later"), Token));
        Assert.Equal("a", Encoding.UTF8.GetString(Assert.Single(next.Notes).Payload.Span));
    }

    [Fact]
    public async Task NoteStep_StepIsJournaled_IsGoneAndNotKeptAnyMore()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.NoteStepAsync(first.Lease, Note("1", "a"), Token);
        await store.CommitStepAsync(first.Lease, Step("1"), [], Token);

        Assert.Equal(RunWriteOutcome.AlreadyCommitted, await store.NoteStepAsync(first.Lease, Note("1", "b"), Token));
        await ReleaseAsync(store, first.Lease, failed: true);
        Assert.Empty((await ClaimOneAsync(store)).Notes);
    }

    [Fact]
    public async Task NoteStep_RunIsLaidAside_IsKept()
    {
        var store = await CreateStoreAsync();
        var id = await AcceptAsync(store);
        var first = await ClaimOneAsync(store);
        await store.NoteStepAsync(first.Lease, Note("1.0", "a"), Token);
        await OpenEventAsync(store, first.Lease, 1);
        await SuspendAsync(store, first.Lease);
        await RaiseAsync(store, id, "paid", "p");

        Assert.Equal("1.0", Assert.Single((await ClaimOneAsync(store)).Notes).Key);
    }

    private static RunStepNote Note(string key, string payload) => new() { Key = key, Payload = Encoding.UTF8.GetBytes(payload) };
}
