using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AdminPortal.Domain;
using AdminPortal.Storage;
using Microsoft.Data.Sqlite;

namespace AdminPortal.Provisioning.Maintenance;

/// <summary>
/// The bytes of a database of one moment, read in order, while others go on writing to it. Nothing is copied to a disk, and
/// 64 KiB are in memory at a time.
/// </summary>
/// <remarks>
/// In WAL mode, a read transaction that begins while the whole log is already in the database file reads that file alone
/// (SQLite calls this read mark 0), and SQLite lets nobody write to the file until the transaction ends: commits go to the log
/// meanwhile, which grows. To get there, writers are held off for the moment that it takes to bring the log into the file.
/// The file is read through SQLite's own handle: opening and closing it once more would end all of this process's locks on it
/// (POSIX). The stream's only difference to the file is the mark in its header that a log belongs to it.
/// </remarks>
internal sealed class DatabasePages : Stream
{
    private const int ReadAtOnce = 64 * 1024;
    private const int Busy = 5; // SQLITE_BUSY

    // Bytes 18 and 19 of the header: 1 for a database without a write-ahead log, 2 for one with it.
    private const int WriteVersion = 18;
    private const int ReadVersion = 19;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[ReadAtOnce];
    private readonly SqliteFile _file;
    private long _position;
    private int _begin;
    private int _end;

    private DatabasePages(SqliteConnection connection, long length)
    {
        Connection = connection;
        Length = length;
        _file = SqliteFile.Of(connection);
    }

    /// <summary>A connection in the same read transaction, for statements about what is read here.</summary>
    public SqliteConnection Connection { get; }

    public override long Length { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Position
    {
        get => _position - (_end - _begin);
        set => throw new NotSupportedException();
    }

    /// <summary>Begins the read transaction.</summary>
    /// <param name="file">The database.</param>
    /// <param name="patience">How long to wait for readers that began earlier, and for writers.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="SqliteException">With SQLITE_BUSY when the time is over.</exception>
    public static async Task<DatabasePages> OpenAsync(string file, TimeSpan patience, CancellationToken cancellationToken)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await Task.Run(() => TryOpen(file), cancellationToken).ConfigureAwait(false) is { } pages) return pages;
            if (TimeProvider.System.GetElapsedTime(since) >= patience) throw new SqliteException("Other programs have been reading or writing the database all the time.", Busy);
            await TimeProvider.System.WaitAsync(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (_begin == _end && !Fill()) return 0;
        var count = Math.Min(buffer.Length, _end - _begin);
        _buffer.AsSpan(_begin, count).CopyTo(buffer);
        _begin += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>The SHA-256 of everything that was read.</summary>
    public byte[] Hash() => _hash.GetCurrentHash();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            CryptographicOperations.ZeroMemory(_buffer);
            _hash.Dispose();
            Connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private static DatabasePages? TryOpen(string file)
    {
        using var writer = Open(file);
        try
        {
            DatabaseFile.Run(writer, "BEGIN IMMEDIATE");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Busy)
        {
            return null;
        }

        using (var checkpoint = Open(file))
        using (var command = checkpoint.CreateCommand())
        {
            command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
            using var row = command.ExecuteReader();
            // Busy, frames in the log, frames that are in the file by now; -1 where there is no log.
            if (!row.Read() || row.GetInt64(0) != 0 || row.GetInt64(1) != row.GetInt64(2)) return null;
        }

        var reader = Open(file);
        try
        {
            // The transaction begins to read with its first statement.
            DatabaseFile.Run(reader, "BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
            var size = Number(reader, "PRAGMA page_count") * Number(reader, "PRAGMA page_size");
            DatabaseFile.Run(writer, "ROLLBACK");
            return new DatabasePages(reader, size);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private static SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection(DatabaseFile.Unpooled(file));
        connection.DefaultTimeout = 2;
        connection.Open();
        return connection;
    }

    private static long Number(SqliteConnection connection, string pragma)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The pragmas are constants.
        command.CommandText = pragma;
#pragma warning restore CA2100
        return (long)command.ExecuteScalar()!;
    }

    private bool Fill()
    {
        if (_position == Length) return false;
        var count = (int)Math.Min(ReadAtOnce, Length - _position);
        _file.Read(_buffer, count, _position);
        if (_position == 0) _buffer[WriteVersion] = _buffer[ReadVersion] = 1;
        _hash.AppendData(_buffer, 0, count);
        _position += count;
        (_begin, _end) = (0, count);
        return true;
    }

    /// <summary>The file handle of a connection's main database (<c>sqlite3_file</c> of SQLite's virtual file system).</summary>
    private readonly struct SqliteFile
    {
        private const int FilePointer = 7; // SQLITE_FCNTL_FILE_POINTER

        private static readonly byte[] Main = "main\0"u8.ToArray();

        private readonly IntPtr _file;
        private readonly ReadAt _read;

        private SqliteFile(IntPtr file)
        {
            _file = file;
            // sqlite3_file begins with the address of its methods: a version, xClose, xRead and so on.
            _read = Marshal.GetDelegateForFunctionPointer<ReadAt>(Marshal.ReadIntPtr(Marshal.ReadIntPtr(file), 2 * IntPtr.Size));
        }

        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        private delegate int ReadAt(IntPtr file, [Out] byte[] buffer, int count, long position);

        public static SqliteFile Of(SqliteConnection connection)
        {
            var status = Control(connection.Handle!.DangerousGetHandle(), Main, FilePointer, out var file);
            return status == 0 ? new SqliteFile(file) : throw new SqliteException("SQLite gives no handle of the database's file.", status);
        }

        public void Read(byte[] buffer, int count, long position)
        {
            if (_read(_file, buffer, count, position) is not 0 and var status) throw new SqliteException("The database's file cannot be read.", status & 0xff, status);
        }

        [DllImport("e_sqlite3", EntryPoint = "sqlite3_file_control", CallingConvention = CallingConvention.Cdecl)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
        private static extern int Control(IntPtr connection, byte[] database, int operation, out IntPtr file);
    }
}
