using System.Text;
using AgentHosting.Runs;

namespace AgentHosting.Compliance;

public abstract partial class RunStoreCompliance
{
    private static readonly AgentIdentity Ann = new() { UserId = "ann" };

    [Fact]
    public async Task Session_SeveralRuns_ComeOneAtATimeInOrderWhateverTheirPriority()
    {
        var store = await CreateStoreAsync();
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await AcceptAsync(store, Submission(store, session: "s", priority: i * 3)));
        }

        foreach (var id in ids)
        {
            var claim = Assert.Single(await ClaimAsync(store, 10));
            Assert.Equal(id, claim.Run.Id);
            await SucceedAsync(store, claim.Lease);
        }
    }

    [Fact]
    public async Task Session_FirstRunIsDelayed_KeepsItsPlace()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s", delay: Unit));
        var second = await AcceptAsync(store, Submission(store, session: "s"));
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);

        var claim = Assert.Single(await ClaimAsync(store, 10));
        Assert.Equal(first, claim.Run.Id);
        await SucceedAsync(store, claim.Lease);
        Assert.Equal(second, (await ClaimOneAsync(store)).Run.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Session_FirstRunIsReleased_KeepsItsPlace(bool failed)
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        await AcceptAsync(store, Submission(store, session: "s"));
        await ReleaseAsync(store, (await ClaimOneAsync(store)).Lease, failed, Unit);
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(first, Assert.Single(await ClaimAsync(store, 10)).Run.Id);
    }

    [Fact]
    public async Task Session_FirstRunsWorkerDied_KeepsItsPlace()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        await AcceptAsync(store, Submission(store, session: "s"));
        await ClaimOneAsync(store, lease: Unit);
        await LoseLeasesAsync(store);

        Assert.Equal(first, Assert.Single(await ClaimAsync(store, 10)).Run.Id);
    }

    [Fact]
    public async Task Session_DelayedSecondRun_WaitsForItsTurnAndItsTime()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        var second = await AcceptAsync(store, Submission(store, session: "s", delay: Unit));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease);
        await AssertNothingToClaimAsync(store);
        await AdvanceAsync(MoreThanUnit);

        Assert.Equal(second, (await ClaimOneAsync(store)).Run.Id);
    }

    [Fact]
    public async Task Session_RunInTheMiddleIsCancelled_TheOthersKeepTheirOrder()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var second = await AcceptAsync(store, Submission(store, session: "s"));
        var third = await AcceptAsync(store, Submission(store, session: "s"));

        Assert.Equal(RunCancelOutcome.Cancelled, await store.CancelAsync(second, Token));
        var claim = Assert.Single(await ClaimAsync(store, 10));
        Assert.Equal(first, claim.Run.Id);
        await SucceedAsync(store, claim.Lease);
        Assert.Equal(third, Assert.Single(await ClaimAsync(store, 10)).Run.Id);
    }

    [Fact]
    public async Task Session_FirstQueuedRunIsCancelled_TheNextIsReady()
    {
        var store = await CreateStoreAsync();
        var first = await AcceptAsync(store, Submission(store, session: "s"));
        var second = await AcceptAsync(store, Submission(store, session: "s"));
        await store.CancelAsync(first, Token);

        Assert.Equal(second, (await ClaimOneAsync(store)).Run.Id);
    }

    [Theory]
    [InlineData("ann", "s", "bob", "s")]
    [InlineData("a", "b:c", "a:b", "c")]
    [InlineData("1:a", "b", "a", "1:b")]
    public async Task Session_OfAnotherOwner_IsAnotherSession(string user, string session, string otherUser, string otherSession)
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, user, session: session));
        await AcceptAsync(store, Submission(store, otherUser, session: otherSession));
        var claims = await ClaimAsync(store, 10);
        Assert.Equal(2, claims.Count);
        await SucceedAsync(store, claims.Single(claim => claim.Run.Identity.UserId == user).Lease, turn: "mine");

        Assert.NotNull(await store.GetSessionAsync(new AgentIdentity { UserId = user }, session, Token));
        Assert.Empty((await store.GetSessionAsync(new AgentIdentity { UserId = otherUser }, otherSession, Token))?.Turns ?? []);
    }

    [Fact]
    public async Task Session_TurnsAreAdded_TranscriptAndVersionGrow()
    {
        var store = await CreateStoreAsync();
        Assert.Null(await store.GetSessionAsync(Ann, "s", Token));
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add(await AcceptAsync(store, Submission(store, session: "s")));
            var claim = await ClaimOneAsync(store);
            Assert.Equal((i, i), ((int)claim.Session!.Version, claim.Session.Turns.Count));
            await SucceedAsync(store, claim.Lease, turn: "turn " + Text(i));
            Assert.Equal(RunWriteOutcome.AlreadyCommitted, await SucceedAsync(store, claim.Lease, turn: "turn " + Text(i)));
        }

        var session = await store.GetSessionAsync(Ann, "s", Token);

        Assert.Equal(("s", 3L), (session!.SessionId, session.Version));
        Assert.Equal(ids, session.Turns.Select(turn => turn.RunId));
        Assert.Equal(["turn 0", "turn 1", "turn 2"], session.Turns.Select(turn => Encoding.UTF8.GetString(turn.Messages.Span)));
    }

    [Fact]
    public async Task Session_RunEndsWithoutMessages_AddsNoTurn()
    {
        var store = await CreateStoreAsync();
        for (var i = 0; i < 2; i++)
        {
            await AcceptAsync(store, Submission(store, session: "s"));
            await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: i == 0 ? "turn" : null);
        }

        Assert.Equal(1, (await store.GetSessionAsync(Ann, "s", Token))!.Version);
    }

    [Fact]
    public async Task Claim_RunWithoutSession_HasNoTranscript()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store);

        Assert.Null((await ClaimOneAsync(store)).Session);
    }

    [Fact]
    public async Task Session_TranscriptThatWasRead_DoesNotChangeAfterwards()
    {
        var store = await CreateStoreAsync();
        await AcceptAsync(store, Submission(store, session: "s"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "one");
        var before = (await store.GetSessionAsync(Ann, "s", Token))!;
        await AcceptAsync(store, Submission(store, session: "s"));
        await SucceedAsync(store, (await ClaimOneAsync(store)).Lease, turn: "two");

        Assert.Single(before.Turns);
    }
}
