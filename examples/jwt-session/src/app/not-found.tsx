import Link from "next/link"

export default function NotFound() {
  return (
    <div className="card narrow">
      <h1>Nothing here</h1>
      <p>
        There is no such page. <Link href="/">To the start</Link>
      </p>
    </div>
  )
}
