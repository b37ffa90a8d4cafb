using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Storage;

/// <summary>What can be the matter with the database's file. Each has its words in <see cref="StorageText"/>.</summary>
public enum StorageProblem
{
    /// <summary>There is no room on the disk, or no more is allowed.</summary>
    Full,

    /// <summary>The file, its directory or its disk may not be written.</summary>
    ReadOnly,

    /// <summary>Another program holds the file for longer than the portal waits.</summary>
    Locked,

    /// <summary>Part of the file is not a database any more.</summary>
    Corrupt,

    /// <summary>The file cannot be opened: it is gone, or this process has no file handles left.</summary>
    NotOpened,

    /// <summary>The disk or the file system answers with an error.</summary>
    Other,
}

/// <summary>Tells troubles of the database's file from bugs.</summary>
public static class StorageProblems
{
    // The numbers of errno, which .NET gives as an IOException's HResult outside Windows; the same on Linux and macOS.
    private const int TooManyFilesInSystem = 23;
    private const int TooManyFiles = 24;
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;

    /// <summary>Looks for a trouble of the database's file in an exception and in what caused it.</summary>
    /// <returns>Null where it is something else: a bug, or a constraint.</returns>
    public static StorageProblem? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is AggregateException { InnerExceptions: [var only] }) exception = only;
            switch (exception)
            {
                case DatabaseDamagedException: return StorageProblem.Corrupt;
                case DatabaseLockedException: return StorageProblem.Locked;
                case SqliteException sqlite when Of(sqlite) is { } problem: return problem;
                case IOException { HResult: NoSpace }: return StorageProblem.Full;
                case IOException { HResult: ReadOnlyFileSystem }: return StorageProblem.ReadOnly;
                case IOException { HResult: TooManyFiles or TooManyFilesInSystem }: return StorageProblem.NotOpened;
            }
        }

        return null;
    }

    /// <summary>Whether an exception tells of a trouble of the database's file.</summary>
    public static bool Is([NotNullWhen(true)] Exception? exception, out StorageProblem problem)
    {
        var found = Find(exception);
        problem = found ?? default;
        return found is not null;
    }

    // SQLite's primary result codes: https://www.sqlite.org/rescode.html
    private static StorageProblem? Of(SqliteException exception) => exception.SqliteErrorCode switch
    {
        3 or 8 => StorageProblem.ReadOnly,
        5 or 6 or 15 => StorageProblem.Locked,
        10 => StorageProblem.Other,
        11 or 26 => StorageProblem.Corrupt,
        13 => StorageProblem.Full,
        14 => StorageProblem.NotOpened,
        _ => null,
    };
}
