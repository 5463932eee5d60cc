/** The user's own page. */
export default function Home() {
  return <h1>nightshift</h1>;
}
