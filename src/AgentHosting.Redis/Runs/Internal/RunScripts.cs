using AgentHosting.Redis.Connections.Internal;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>The scripts of the run store, a file each.</summary>
internal static class RunScripts
{
    public static readonly RedisScript Enqueue = RedisScript.Load("run-enqueue");
    public static readonly RedisScript FindKey = RedisScript.Load("run-find-key");
    public static readonly RedisScript Claim = RedisScript.Load("run-claim");
    public static readonly RedisScript Renew = RedisScript.Load("run-renew");
    public static readonly RedisScript Commit = RedisScript.Load("run-commit");
    public static readonly RedisScript Note = RedisScript.Load("run-note");
    public static readonly RedisScript Append = RedisScript.Load("run-append");
    public static readonly RedisScript Complete = RedisScript.Load("run-complete");
    public static readonly RedisScript Release = RedisScript.Load("run-release");
    public static readonly RedisScript OpenWait = RedisScript.Load("run-open-wait");
    public static readonly RedisScript Suspend = RedisScript.Load("run-suspend");
    public static readonly RedisScript Answer = RedisScript.Load("run-answer");
    public static readonly RedisScript Raise = RedisScript.Load("run-raise");
    public static readonly RedisScript Cancel = RedisScript.Load("run-cancel");
    public static readonly RedisScript Get = RedisScript.Load("run-get");
    public static readonly RedisScript ReadEvents = RedisScript.Load("run-read-events");
    public static readonly RedisScript PeekEvents = RedisScript.Load("run-peek-events");
    public static readonly RedisScript PeekWork = RedisScript.Load("run-peek-work");
    public static readonly RedisScript Session = RedisScript.Load("run-session");
    public static readonly RedisScript DeleteSession = RedisScript.Load("run-delete-session");
    public static readonly RedisScript Statistics = RedisScript.Load("run-statistics");
    public static readonly RedisScript Sweep = RedisScript.Load("run-sweep");
    public static readonly RedisScript List = RedisScript.Load("run-list");
    public static readonly RedisScript EraseUser = RedisScript.Load("run-erase-user");
    public static readonly RedisScript Owner = RedisScript.Load("run-owner");
    public static readonly RedisScript Requeue = RedisScript.Load("run-requeue");
    public static readonly RedisScript Remove = RedisScript.Load("run-remove");
    public static readonly RedisScript Layout = RedisScript.Load("run-layout");
}
